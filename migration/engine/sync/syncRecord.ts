/** Where a live move stands. Each phase follows the one before it; none is skipped and none comes back. */
export const PHASES = ["sync", "switched", "drained", "done"] as const;
export type Phase = (typeof PHASES)[number];

/** What a whole reading of the source came to: two that are alike, far enough apart, show that nobody wrote. */
export interface SourceLook {
  /** The source server's clock when the first reading of this content began, in milliseconds since 1970. */
  readonly atMs: number;
  readonly rows: number;
  /** Sum of the rows' digests, as 32 hex digits. */
  readonly digest: string;
}

/** The part of a table's record that belongs to a live move. All times are the source server's clock. */
export interface SyncRecord {
  readonly phase: Phase;
  /** Every change that the source stamped before it is applied; absent until a first pass went through. */
  readonly watermarkMs?: number | undefined;
  /** When the pass that is under way began; a run that goes on with it must not claim more than that. */
  readonly passSinceMs?: number | undefined;
  /** When the last pass over both sides that went through began. */
  readonly reconciledMs?: number | undefined;
  readonly switchedMs?: number | undefined;
  readonly drainedMs?: number | undefined;
  readonly look?: SourceLook | undefined;
}
