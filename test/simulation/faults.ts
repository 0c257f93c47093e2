import { OperationalError } from "../../migration/engine/errors";
import type { Side } from "./log";

export const FAULT_KINDS = [
  /** 503 and 429, with a waiting time and without. A whole batch is refused by one, as services do inside a 202. */
  "busy", "busyRetryAfter", "tooMany",
  /** 500 before anything was done. */
  "internal",
  /** No answer in time: nothing was done, everything was done, or it is done after the caller has given up. */
  "timeoutBefore", "timeoutAfter", "lateCommit",
  /** The connection breaks before or after the work. */
  "dropBefore", "dropAfter",
  /** The work was done, and the answer came without its end. */
  "torn",
  /** A page without rows, and with a continuation. */
  "emptyPage",
  /** The answer takes its time, and others overtake it. */
  "slow",
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** What goes wrong with the calls `call` to `call + times - 1` to one side, counted over the whole scenario. */
export interface Fault {
  readonly side: Side;
  readonly call: number;
  readonly times: number;
  readonly kind: FaultKind;
  /** How long a time-out, a slow answer or a Retry-After takes. */
  readonly delayMs: number;
}

/** What becomes of the work that a faulty call asked for. */
export const WORK: Readonly<Record<FaultKind, "never" | "done" | "later">> = {
  busy: "never",
  busyRetryAfter: "never",
  tooMany: "never",
  internal: "never",
  timeoutBefore: "never",
  timeoutAfter: "done",
  lateCommit: "later",
  dropBefore: "never",
  dropAfter: "done",
  torn: "done",
  emptyPage: "done",
  slow: "done",
};

/** The error as an adapter makes it of what it saw; undefined: the call succeeds all the same. */
export function faultError({ kind, delayMs }: Fault, writing: boolean): OperationalError | undefined {
  const message = `simulated ${kind}`;
  const retryable = true;
  const busy = { code: "ServerBusy", message, retryable, throttled: true, status: 503 };
  switch (kind) {
    case "busy":
      return new OperationalError(busy);
    case "busyRetryAfter":
      return new OperationalError({ ...busy, retryAfterMs: delayMs });
    case "tooMany":
      return new OperationalError({ code: "TooManyRequests", message, retryable, throttled: true, status: 429 });
    case "internal":
      return new OperationalError({ code: "InternalError", message, retryable, ambiguous: writing, status: 500 });
    case "timeoutBefore":
    case "timeoutAfter":
    case "lateCommit":
      return new OperationalError({ code: "TimedOut", message, retryable, ambiguous: writing });
    case "dropBefore":
    case "dropAfter":
      return new OperationalError({ code: "ConnectionLost", message, retryable, ambiguous: writing });
    case "torn":
      return new OperationalError({ code: "MalformedResponse", message, retryable, ambiguous: writing });
    case "emptyPage":
    case "slow":
      return undefined;
  }
}

/** The faults of a scenario, and how far each side's calls have come. */
export class Faults {
  off = false;
  private readonly counts = { source: 0, destination: 0 };

  constructor(private readonly planned: readonly Fault[]) {}

  /** Calls to each side so far. */
  get calls(): Readonly<Record<Side, number>> {
    return this.counts;
  }

  /** Counts a call, and says what goes wrong with it. */
  take(side: Side): Fault | undefined {
    this.counts[side] += 1;
    const call = this.counts[side];
    if (this.off) return undefined;
    return this.planned.find((fault) => fault.side === side && fault.call <= call && call < fault.call + fault.times);
  }
}
