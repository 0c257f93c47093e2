import type { Phase } from "./syncRecord";

/** How a run found out what there was to do. */
export type SyncWork = "copy" | "reconcile" | "backfill" | "late" | "lateReconcile" | "nothing";

/** What the last verification of a drained table read. */
export interface DrainEvidence {
  /** Rows that both sides were read of and compared, since nobody touched them after the switch. */
  readonly compared: number;
  readonly different: number;
  /** Rows of the record that the application changed, or deleted, after the switch: the destination's word counts. */
  readonly changedSince: number;
  readonly goneSince: number;
  /** For how long the source was shown to be quiet, in milliseconds. */
  readonly quietMs: number;
}

/** Evidence while it is gathered. */
export type DrainCounts = { -readonly [K in Exclude<keyof DrainEvidence, "quietMs">]: number };

/** What a run of a live move came to, for one table. Times are the source server's clock. */
export interface SyncOutcome {
  /** By the journal, when the run was over. */
  readonly phase: Phase;
  /** The phase before, where this run moved it. */
  readonly movedFrom?: Phase | undefined;
  readonly work: SyncWork;
  /** Every change that the source stamped before it is applied. */
  readonly watermarkMs?: number | undefined;
  /** Age of the oldest change that may not be applied yet, at most. */
  readonly lagMs?: number | undefined;
  /** Source rows that had changed. */
  readonly changed: number;
  /** Of those, written or deleted in the destination by a backfill, or as a late change. */
  readonly backfilled: number;
  readonly lateApplied: number;
  /** Late changes that could overwrite newer data, and were left alone. */
  readonly lateConflicts: number;
  readonly evidence?: DrainEvidence | undefined;
  /** What a person should know: why it passed over everything, what comes next. */
  readonly notes: readonly string[];
}
