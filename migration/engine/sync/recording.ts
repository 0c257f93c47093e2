import { OperationalError } from "../errors";
import { migrationOf } from "../copyTable";
import type { TableRecord } from "../journal";
import { RECEIPT_BYTES, RECEIPTS_BYTES_MAX } from "../receipts";
import { withRetry } from "../retry";
import { describeKey } from "../row";
import type { Piece, ReadSegments, Stretch } from "./stretch";
import type { SyncRecord } from "./syncRecord";
import type { SyncingTable } from "./syncing";

/** Segments read at once: half a mebibyte of receipts. */
const SEGMENTS_READ_AT_ONCE = 25;

/** Of a row that was written: what it was made of, and its version. */
const ENTRIES_A_ROW = 2;

/** A segment took more rows than its record can hold: a pass that sees every row cuts it in two. */
export class StretchFull extends OperationalError {
  constructor({ upTo }: Stretch, bytes: number) {
    super({
      code: "JournalSegmentFull",
      message:
        `The journal's segment up to ${describeKey(upTo)} would take ${bytes} bytes, and holds ` +
        `${RECEIPTS_BYTES_MAX}: too many rows came, or went, within its keys. Set deletes to "propagate" or ` +
        "\"accept\", so that rows that are gone are forgotten, and run again.",
    });
  }
}

/** What a live move reads from and writes to the journal, for one table. */
export class Recording {
  readonly readSegments: ReadSegments;

  constructor(private readonly syncing: SyncingTable) {
    this.readSegments = (after) =>
      this.retried((journal, migration) => journal.readSegments(migration, after, SEGMENTS_READ_AT_ONCE));
  }

  table(): Promise<TableRecord | undefined> {
    return this.retried((journal, migration) => journal.readTable(migration));
  }

  /** Writes the live move's part, and leaves the rest as it is. */
  async sync(record: TableRecord, change: Partial<SyncRecord>): Promise<TableRecord> {
    const sync: SyncRecord = { phase: "sync", ...record.sync, ...change };
    const table = { ...record, sync };
    await this.retried((journal, migration) => journal.commit(migration, { table }));
    return table;
  }

  /** Throws `StretchFull`. */
  async records({ stretch, cutOff }: Pick<Piece, "stretch" | "cutOff">): Promise<void> {
    const { sequence, upTo, records } = stretch;
    if (records.length > RECEIPTS_BYTES_MAX) throw new StretchFull(stretch, records.length);
    const segments = [{ sequence, upTo, receipts: records.bytes() }];
    if (cutOff) {
      const { stretch: left, receipts } = cutOff;
      segments.push({ sequence: left.sequence, upTo: left.upTo, receipts });
    }
    await this.retried((journal, migration) => journal.commit(migration, { segments }));
  }

  /** Throws `StretchFull` before anything is written, where the stretch cannot record so many more rows. */
  needRoom(stretch: Stretch, rows: number): void {
    const bytes = stretch.records.length + rows * ENTRIES_A_ROW * RECEIPT_BYTES;
    if (bytes > RECEIPTS_BYTES_MAX) throw new StretchFull(stretch, bytes);
  }

  private retried<T>(
    ask: (
      journal: SyncingTable["run"]["context"]["journal"],
      migration: ReturnType<typeof migrationOf>,
    ) => Promise<T>,
  ): Promise<T> {
    const { run } = this.syncing;
    return withRetry(run.writing, () => ask(run.context.journal, migrationOf(this.syncing)));
  }
}
