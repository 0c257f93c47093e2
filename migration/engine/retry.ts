import type { Clock, Random } from "./clock";
import { OperationalError } from "./errors";
import type { Gate } from "./gate";
import { stopReason } from "./stop";

export interface RetryPolicy {
  /** Attempts in all, the first included. */
  readonly attemptsMax: number;
  readonly baseMs: number;
  readonly delayMsMax: number;
}

/** About two minutes of trying: longer than a storage partition takes to move to another server. */
export const REQUEST_RETRY: RetryPolicy = { attemptsMax: 12, baseMs: 200, delayMsMax: 20_000 };

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

/**
 * Sends a request through the gate until it succeeds, fails for good, or the attempts are used up.
 * A request must be repeatable: writes carry preconditions, and what they meet is resolved by reading.
 * A wait that the signal ends throws why the run ends, `Stopped` for an interrupt.
 */
export async function withRetry<T>(
  retrying: Retrying,
  request: () => Promise<T>,
  policy: RetryPolicy = REQUEST_RETRY,
): Promise<T> {
  const { signal, gate, clock, random } = retrying;
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await gate.run(request);
      } catch (error) {
        if (!(error instanceof OperationalError) || !error.retryable || attempt >= policy.attemptsMax) throw error;
        await clock.sleep(retryDelayMs(policy, attempt, random, error.retryAfterMs), signal);
      }
    }
  } catch (error) {
    throw signal.aborted && error === signal.reason ? stopReason(signal) : error;
  }
}
