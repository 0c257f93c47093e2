import { PERHAPS_DELETED } from "../../../migration/engine/sync/decideLate";
import type { Phase } from "../../../migration/engine/sync/syncRecord";
import type { LateConflictPolicy } from "../../../migration/engine/sync/syncSettings";
import type { Committed, Log, Recorded } from "../log";
import { Model, type TableHistory, textOf } from "../model";
import type { LiveScenario } from "./scenario";

/** What really happened in a move without downtime. */
export class LiveModel extends Model {
  private readonly asked: ReadonlyMap<string, { readonly lateConflicts: LateConflictPolicy; readonly phase: Phase }>;

  constructor(
    readonly live: LiveScenario,
    log: Log,
  ) {
    super(live, log);
    this.asked = new Map(log.of("began").flatMap(({ by, sync }) => (sync ? [[by, sync]] : [])));
  }

  /** What the journal said of the table, whenever that changed. */
  recorded(table: TableHistory): readonly Recorded[] {
    return this.log.of("recorded").filter((one) => one.table === table.planned.table);
  }

  /** The first moment at which the journal knew the table in a phase. */
  inPhaseSeq(table: TableHistory, phase: Phase): number | undefined {
    return this.recorded(table).find(({ sync }) => sync?.phase === phase)?.seq;
  }

  policyOf(by: string): LateConflictPolicy {
    return this.asked.get(by)?.lateConflicts ?? "report";
  }

  phaseAskedBy(by: string): Phase | undefined {
    return this.asked.get(by)?.phase;
  }

  /** The source server's clock, in milliseconds since 1970, when the log's entry was made. */
  sourceMs({ atMs }: { readonly atMs: number }): number {
    return atMs + this.scenario.skewMs.source;
  }

  /** A run told people, after this change, that it did not carry it over. */
  toldSince(table: TableHistory, key: string, fromSeq: number, toSeq: number): boolean {
    return this.runs.some((run) => run.noted.some(({ seq, difference }) => {
      if (seq <= fromSeq || seq > toSeq || difference.table !== table.planned.table) return false;
      return JSON.stringify([difference.partitionKey, difference.rowKey]) === key;
    }));
  }

  /** People were told that the row perhaps came and went in the destination, and had to decide. */
  toldPerhapsDeleted(table: TableHistory, key: string, toSeq: number): boolean {
    return this.runs.some((run) => run.noted.some(({ seq, difference }) =>
      seq <= toSeq && difference.reason === PERHAPS_DELETED && difference.table === table.planned.table &&
      textOf(difference) === key));
  }

  /** A run that was told to leave such rows to the destination dealt with the table after this moment. */
  leftToDestinationSince(fromSeq: number, toSeq: number): boolean {
    return this.runs.some(({ by, beganSeq, endedSeq }) =>
      this.policyOf(by) === "destination-wins" && endedSeq > fromSeq && beganSeq <= toSeq &&
      this.phaseAskedBy(by) !== "sync");
  }

  /** The last time that somebody else than a run changed the row in the destination before `seq`. */
  applicationsLast(table: TableHistory, key: string, seq: number): Committed | undefined {
    return table.of("destination", key).findLast((one) => one.seq <= seq && one.by === "people");
  }
}

/** What became of the last change that the source saw of a row, up to a moment. */
export type Fate = "applied" | "told" | "left" | "unknowable" | "lost";

/** Of a row that came and went without a run that left it in the destination nobody knows (docs/the-fine-print.md). */
function isUnknowable(table: TableHistory, key: string, { seq, after }: Committed): boolean {
  if (after) return false;
  const source = table.of("source", key);
  const came = source.findLast((one) => one.seq < seq && !one.before);
  const left = (one: Committed) => one.by !== "people" && one.seq > (came?.seq ?? 0) && one.seq < seq;
  return !table.of("destination", key).some(left);
}

/** Applied at any time since; or told; or given up for what the application wrote, where that is the policy. */
export function fateOf(model: LiveModel, table: TableHistory, key: string, last: Committed, seq: number): Fate {
  const held = table.at("destination", key, last.seq);
  const since = table.of("destination", key).filter((one) => one.seq > last.seq && one.seq <= seq);
  if ([held, ...since.map(({ after }) => after)].some((one) => table.agree(last.after, one))) return "applied";
  if (model.toldSince(table, key, last.seq, seq)) return "told";
  if (isUnknowable(table, key, last)) return "unknowable";
  const touched = model.applicationsLast(table, key, seq) !== undefined;
  return touched && model.leftToDestinationSince(last.seq, seq) ? "left" : "lost";
}
