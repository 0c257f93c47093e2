import { ConnectionDropped, refuse, ServiceError } from "./errors";
import type { FaultKind, FaultRule } from "./faults";
import type { SimulatedResponse } from "./http";

export function timedOut(): ServiceError {
  return new ServiceError(500, "OperationTimedOut", "Operation could not be completed within the specified time.");
}

function internalError(): ServiceError {
  return new ServiceError(500, "InternalError", "The server encountered an internal error. Please retry the request.");
}

/** A throttled answer, with the wait that the rule tells. */
function busy(status: 503 | 429, { retryAfterSeconds, retryAfterMs }: FaultRule): ServiceError {
  return refuse.busy(status, retryAfterSeconds, retryAfterMs);
}

/** Faults that keep a request from being carried out. Throws where this is one. */
export function strikeBefore(fault: FaultRule): void {
  switch (fault.kind) {
    case "dropBefore":
      throw new ConnectionDropped("beforeCommit");
    case "busy":
      throw busy(503, fault);
    case "tooManyRequests":
      throw busy(429, fault);
    case "timeout":
      throw timedOut();
    case "internal":
      throw internalError();
    default:
  }
}

/** What a batch is refused with from inside its 202; undefined where the fault is another. */
export function refusalInBatch(fault: FaultRule): ServiceError | undefined {
  switch (fault.kind) {
    case "busyInBatch":
      return busy(503, fault);
    case "tooManyRequestsInBatch":
      return busy(429, fault);
    case "internalInBatch":
      return internalError();
    default:
      return undefined;
  }
}

/** Half of an answer's body, and a broken connection. */
export function torn(response: SimulatedResponse, kind: "closeInAnswer" | "resetInAnswer"): ConnectionDropped {
  const bytes = Math.floor(response.body.length / 2);
  return new ConnectionDropped("inAnswer", { response, bytes, end: kind === "closeInAnswer" ? "close" : "reset" });
}

/** What a refused batch shows: the right index, its neighbour's (beyond the last where it is alone), or none. */
export function shownIndex(index: number, count: number, kind: FaultKind | undefined): number | undefined {
  if (kind === "noIndexInBatch") return undefined;
  if (kind !== "wrongIndexInBatch") return index;
  return count > 1 ? (index + 1) % count : index + 1;
}
