import type { OperationalError } from "./errors";
import type { Estimate } from "./estimate/estimate";
import type { Digest, RowKey } from "./row";
import type { PropertyDifference } from "./rowFormat";
import type { ProofLevel } from "./settings";
import type { SyncOutcome } from "./sync/syncOutcome";

export type DifferenceClass = "missing" | "extra" | "different" | "conflict" | "inFlight";

/** One row that is not as it should be. */
export interface Difference extends RowKey {
  readonly class: DifferenceClass;
  readonly table: string;
  readonly destinationTable: string;
  readonly properties: readonly PropertyDifference[];
  /** Why a late change was left alone, for people. */
  readonly reason?: string;
}

/**
 * equal is only said of rows that were read (at level `sample`: sampled; at `count`: counted) on both sides.
 * synced: a live move did all that its phase asks for; of equality nothing is said while both sides are written.
 */
export type TableVerdict = "equal" | "synced" | "different" | "inFlight" | "incomplete";
export type Verdict = "equal" | "synced" | "different" | "incomplete";

export interface SideSummary {
  readonly count: number;
  /** Absent where values were not read (levels `sample` and `count`). */
  readonly digest?: Digest;
}

export interface TableOutcome {
  readonly table: string;
  readonly destinationTable: string;
  readonly verdict: TableVerdict;
  readonly source: SideSummary;
  readonly destination: SideSummary;
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
  /** Rows that changed while they were verified: nothing can be said of them yet. */
  readonly inFlight: number;
  readonly conflicts: number;
  readonly written: number;
  readonly unchanged: number;
  readonly deleted: number;
  /** Rows deliberately or unavoidably not written, by reason. */
  readonly skipped: readonly { readonly reason: string; readonly count: number }[];
  /** The first differences of each class, bounded. */
  readonly samples: readonly Difference[];
  /** Rows compared by a `sample` verification. */
  readonly sampled?: number;
  readonly durationMs: number;
  readonly entitiesPerSecond: number;
  /** Why a table is incomplete. */
  readonly error?: OperationalError;
  /** Of a live move. */
  readonly sync?: SyncOutcome;
}

export interface RunOutcome {
  readonly runId: string;
  readonly verdict: Verdict;
  readonly level: ProofLevel;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly dryRun: boolean;
  /** True once anything (a table, the journal, a row) was written to the destination. */
  readonly began: boolean;
  /** The run was asked to stop, and did, at an acknowledged batch. */
  readonly stopped: boolean;
  readonly tables: readonly TableOutcome[];
}

export interface PreflightFinding {
  readonly severity: "error" | "warning" | "info";
  readonly code: string;
  readonly side: "source" | "destination" | "both";
  readonly table?: string;
  /** With the offending value and the remedy. */
  readonly message: string;
}

export interface PreflightOutcome {
  readonly ok: boolean;
  readonly findings: readonly PreflightFinding[];
  /** Destination tables that a copy would create. */
  readonly tablesToCreate: readonly string[];
  /** Absolute difference between this machine's clock and each server's, in milliseconds; undefined: not measured. */
  readonly clockSkewMs: { readonly source: number | undefined; readonly destination: number | undefined };
  /** What the copy will take, where that was asked for and both sides could be read. */
  readonly estimate?: Estimate;
  /** Where that was asked for: what a verification takes that follows as a run of its own. */
  readonly proof?: Estimate;
}
