import type { OperationalError } from "./errors";
import type { TableOutcome, TableVerdict, Verdict } from "./outcome";
import type { RunSettings, TableSettings } from "./settings";
import type { TableTally } from "./tally";
import type { Sides } from "./verifyingTable";

/** What is known of a table when its work is over, one way or the other. */
export interface TableFacts {
  readonly settings: TableSettings;
  /** Counts of the copy; absent where none was asked for. */
  readonly copied?: TableTally;
  /** Counts of the verification; absent where it was not reached. */
  readonly verified?: TableTally;
  readonly sides?: Sides;
  readonly durationMs: number;
  /** How long the copy alone took. */
  readonly copyMs?: number;
  readonly error?: OperationalError;
}

function rate(rows: number, ms: number | undefined): number {
  return ms !== undefined && ms > 0 ? Math.round((rows * 1_000) / ms) : 0;
}

/** Nothing that could not be read is ever called equal, and no difference hides behind a row in flight. */
function tableVerdict(facts: TableFacts, deletes: RunSettings["deletes"]): TableVerdict {
  const { verified, copied } = facts;
  if (facts.error) return "incomplete";
  // Nobody looked yet, but what could not be written is known already.
  if (!verified) return copied && copied.conflicts + copied.skipped.length > 0 ? "different" : "incomplete";
  const extra = deletes === "accept" ? 0 : verified.extra;
  if (verified.missing + extra + verified.different + (copied?.conflicts ?? 0) > 0) return "different";
  return verified.inFlight > 0 ? "inFlight" : "equal";
}

/** A dry run compares every row on both sides, so it can say equal; whatever it would write is a difference. */
function plannedVerdict({ copied, error }: TableFacts, deletes: RunSettings["deletes"]): TableVerdict {
  if (error || !copied) return "incomplete";
  const extra = deletes === "accept" ? 0 : copied.extra;
  return copied.written + copied.deleted + copied.conflicts + extra > 0 ? "different" : "equal";
}

export function tableOutcome(facts: TableFacts, { deletes, dryRun }: RunSettings): TableOutcome {
  const { settings, copied, verified, sides, durationMs, error } = facts;
  const rows = Math.max(copied?.rows ?? 0, verified?.rows ?? 0);
  return {
    table: settings.table,
    destinationTable: settings.destinationTable,
    verdict: dryRun ? plannedVerdict(facts, deletes) : tableVerdict(facts, deletes),
    source: sides?.source.summary() ?? { count: rows },
    destination: sides?.destination.summary() ?? { count: copied?.held ?? 0 },
    missing: verified?.missing ?? copied?.missing ?? 0,
    extra: verified?.extra ?? copied?.extra ?? 0,
    different: verified?.different ?? copied?.different ?? 0,
    inFlight: verified?.inFlight ?? 0,
    conflicts: copied?.conflicts ?? 0,
    written: copied?.written ?? 0,
    unchanged: copied?.unchanged ?? 0,
    deleted: copied?.deleted ?? 0,
    skipped: copied?.skipped ?? [],
    samples: [...(copied?.samples ?? []), ...(verified?.samples ?? [])],
    ...(sides?.sampled === undefined ? {} : { sampled: sides.sampled }),
    durationMs,
    entitiesPerSecond: rate(copied ? copied.rows : rows, facts.copyMs ?? durationMs),
    ...(error ? { error } : {}),
  };
}

/** A table that could not be finished decides first, then a difference; rows in flight leave the verdict open. */
export function runVerdict(tables: readonly TableOutcome[]): Verdict {
  const some = (wanted: TableVerdict) => tables.some(({ verdict }) => verdict === wanted);
  if (some("incomplete")) return "incomplete";
  if (some("different")) return "different";
  if (some("inFlight")) return "incomplete";
  return some("synced") ? "synced" : "equal";
}
