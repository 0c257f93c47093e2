import type { RunContext } from "./context";
import type { Gate } from "./gate";
import type { ProgressSample } from "./progress";
import type { TableTally } from "./tally";

/** Samples are at least this far apart. */
const SAMPLE_INTERVAL_MS = 200;

/** The rate is taken over this long. */
const RATE_WINDOW_MS = 5_000;

/** Turns what the tables count into one progress sample after the other. */
export class Meter {
  private phase: ProgressSample["phase"] = "copy";
  private readonly startedAtMs: number;
  private lastAtMs = 0;
  private readonly active = new Map<string, TableTally>();
  private tablesDone = 0;
  private finished = { rows: 0, written: 0, unchanged: 0, deleted: 0, differences: 0 };
  private rowsExpected: number | undefined;
  private window: { readonly atMs: number; readonly rows: number }[] = [];

  constructor(
    private readonly context: RunContext,
    private readonly tablesTotal: number,
    private readonly gates: readonly Gate[],
  ) {
    this.startedAtMs = context.clock.now();
  }

  /** `rowsExpected`: source rows of all tables, where an earlier phase or run counted them all. */
  begin(phase: ProgressSample["phase"], rowsExpected: number | undefined): void {
    this.phase = phase;
    this.rowsExpected = rowsExpected;
    this.tablesDone = 0;
    this.finished = { rows: 0, written: 0, unchanged: 0, deleted: 0, differences: 0 };
    this.window = [];
    this.emit();
  }

  startTable(table: string, tally: TableTally): void {
    this.active.set(table, tally);
    this.tick();
  }

  finishTable(table: string): void {
    const tally = this.active.get(table);
    if (tally) this.finished = plus(this.finished, tally);
    this.active.delete(table);
    this.tablesDone += 1;
    this.emit();
  }

  tick(): void {
    if (this.context.clock.now() - this.lastAtMs >= SAMPLE_INTERVAL_MS) this.emit();
  }

  private emit(): void {
    const atMs = this.context.clock.now();
    this.lastAtMs = atMs;
    const counts = [...this.active.values()].reduce(plus, this.finished);
    this.window = [...this.window.filter((one) => atMs - one.atMs <= RATE_WINDOW_MS), { atMs, rows: counts.rows }];
    const first = this.window[0];
    const spanMs = first ? atMs - first.atMs : 0;
    const throttled = this.gates.map((gate) => gate.throttledReason).find((reason) => reason !== undefined);
    this.context.progress({
      phase: this.phase,
      atMs,
      elapsedMs: atMs - this.startedAtMs,
      tablesDone: this.tablesDone,
      tablesTotal: this.tablesTotal,
      tablesActive: [...this.active.keys()],
      ...counts,
      ...(this.rowsExpected === undefined ? {} : { rowsExpected: this.rowsExpected }),
      inFlight: this.gates.reduce((sum, gate) => sum + gate.inFlight, 0),
      rowsPerSecond: first && spanMs > 0 ? ((counts.rows - first.rows) * 1_000) / spanMs : 0,
      ...(throttled === undefined ? {} : { throttledReason: throttled }),
    });
  }
}

type Counts = Pick<TableTally, "rows" | "written" | "unchanged" | "deleted" | "differences">;

function plus(a: Counts, b: Counts): Counts {
  return {
    rows: a.rows + b.rows,
    written: a.written + b.written,
    unchanged: a.unchanged + b.unchanged,
    deleted: a.deleted + b.deleted,
    differences: a.differences + b.differences,
  };
}
