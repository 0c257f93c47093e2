import type { Clock, Random } from "./clock";
import { OperationalError } from "./errors";
import type { Gate } from "./gate";
import type { Load } from "./lanes";
import { stopReason } from "./stop";

export interface RetryPolicy {
  /** Attempts in all, the first included. */
  readonly attemptsMax: number;
  readonly baseMs: number;
  readonly delayMsMax: number;
  /**
   * Refusals for load are no attempts: the service is there, and the gate waits until it takes more. They end only
   * when one request has met nothing else for so long. Without it they count as attempts.
   */
  readonly patienceMs?: number;
}

/** About two minutes of trying: longer than a storage partition takes to move to another server. */
export const REQUEST_RETRY: RetryPolicy = {
  attemptsMax: 12,
  baseMs: 200,
  delayMsMax: 20_000,
  patienceMs: 30 * 60_000,
};

/** The longest of our own waits after a refusal for load: the gate's pace is what spares the service. */
const THROTTLED_DELAY_MS_MAX = 1_000;

/** A table that is being deleted keeps its name for 40 s at least (Microsoft: "Delete Table", Remarks). */
export const CREATE_RETRY: RetryPolicy = { attemptsMax: 60, baseMs: 1_000, delayMsMax: 5_000 };

export interface Retrying {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly gate: Gate;
}

/** Full jitter (uniform below a doubling bound), never below what the service asked for. */
export function retryDelayMs(policy: RetryPolicy, attempt: number, random: Random, retryAfterMs?: number): number {
  const bound = Math.min(policy.delayMsMax, policy.baseMs * 2 ** (attempt - 1));
  const jittered = Math.ceil(bound * random());
  return retryAfterMs === undefined ? jittered : retryAfterMs + Math.ceil(policy.baseMs * random());
}

/** What counts against a policy's limits. */
class Attempts {
  private made = 0;
  private throttledInRow = 0;
  private throttledSinceMs = 0;

  constructor(
    private readonly policy: RetryPolicy,
    private readonly random: Random,
  ) {}

  /** How long to wait before another one; undefined where there is none. */
  delayAfterMs(error: OperationalError, nowMs: number): number | undefined {
    const { policy, random } = this;
    if (!error.retryable) return undefined;
    if (error.throttled && policy.patienceMs !== undefined) {
      if (this.throttledInRow === 0) this.throttledSinceMs = nowMs;
      if (nowMs - this.throttledSinceMs >= policy.patienceMs) return undefined;
      this.throttledInRow += 1;
      const short = { ...policy, delayMsMax: THROTTLED_DELAY_MS_MAX };
      return retryDelayMs(short, this.throttledInRow, random, error.retryAfterMs);
    }
    this.made += 1;
    this.throttledInRow = 0;
    return this.made < policy.attemptsMax ? retryDelayMs(policy, this.made, random, error.retryAfterMs) : undefined;
  }
}

/**
 * Sends a request through the gate until it succeeds, fails for good, or the attempts are used up.
 * A request must be repeatable: writes carry preconditions, and what they meet is resolved by reading.
 * A wait that the signal ends throws why the run ends, `Stopped` for an interrupt.
 */
export async function withRetry<T>(
  retrying: Retrying,
  request: () => Promise<T>,
  policy: RetryPolicy = REQUEST_RETRY,
  load?: Load,
): Promise<T> {
  const { signal, gate, clock, random } = retrying;
  let attempts: Attempts | undefined;
  try {
    for (;;) {
      try {
        return await gate.run(request, load);
      } catch (error) {
        if (!(error instanceof OperationalError)) throw error;
        attempts ??= new Attempts(policy, random);
        const delayMs = attempts.delayAfterMs(error, clock.now());
        if (delayMs === undefined) throw error;
        await clock.sleep(delayMs, signal);
      }
    }
  } catch (error) {
    throw signal.aborted && error === signal.reason ? stopReason(signal) : error;
  }
}
