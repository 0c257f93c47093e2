/** Time, as the engine sees it. Tests put a virtual clock here. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Uniform in [0, 1). Seeded in tests. */
export type Random = () => number;
