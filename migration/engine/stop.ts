import { OperationalError } from "./errors";

/** The run ends early because somebody asked it to. Not a failure: what was acknowledged stays, and the run resumes. */
export function stopped(): OperationalError {
  return new OperationalError({
    code: "Stopped",
    message: "Stopped on request, after the last acknowledged batch. Run the same command again to go on from there.",
  });
}

/** Why a run ends: a lost lease or a defect keeps its own error, anything else is a request to stop. */
export function stopReason(signal: AbortSignal): Error {
  const { reason } = signal;
  if (reason instanceof OperationalError) return reason;
  return reason instanceof Error && reason.name !== "AbortError" ? reason : stopped();
}

export function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw stopReason(signal);
}
