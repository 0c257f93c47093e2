/** One immutable sample of a run. Formatted elsewhere (report/statusLine.ts), so that every output says the same. */
export interface ProgressSample {
  readonly phase: "preflight" | "copy" | "verify";
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly elapsedMs: number;
  readonly tablesDone: number;
  readonly tablesTotal: number;
  /** Tables being worked on now. */
  readonly tablesActive: readonly string[];
  /** Source rows dealt with in this phase (copied, or compared). */
  readonly rows: number;
  /** Estimate of source rows in all, where known from an earlier phase or run. */
  readonly rowsExpected?: number;
  readonly written: number;
  readonly unchanged: number;
  readonly deleted: number;
  readonly differences: number;
  /** Requests under way. */
  readonly inFlight: number;
  /** Rows per second over the last few seconds. */
  readonly rowsPerSecond: number;
  /** Why it goes slower than it could, in words; absent when it does not. */
  readonly throttledReason?: string;
}
