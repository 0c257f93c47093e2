/**
 * Two kinds of errors. Operational ones belong to the world (a refused key, a throttled partition, a full account):
 * typed, with a remedy in the text. Assertions are ours: a programmer's mistake, on in production.
 */
export interface OperationalDetails {
  /** Stable name for programs, such as `TableBeingDeleted`, `AuthorizationFailed`, `LeaseHeld`. */
  readonly code: string;
  /** What happened, with the offending value, and what to do. Never holds a secret. */
  readonly message: string;
  /** The same request may succeed later. */
  readonly retryable?: boolean;
  /** What the service asked for (Retry-After), in milliseconds. */
  readonly retryAfterMs?: number;
  /** The request may have been carried out all the same (time-out, dropped connection): resolve by reading. */
  readonly ambiguous?: boolean;
  /** The service refused because of load (429, 503): slow down. */
  readonly throttled?: boolean;
  /** HTTP status, where there was an answer. */
  readonly status?: number;
  readonly cause?: unknown;
}

export class OperationalError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly ambiguous: boolean;
  readonly throttled: boolean;
  readonly status: number | undefined;

  constructor(details: OperationalDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "OperationalError";
    this.code = details.code;
    this.retryable = details.retryable ?? false;
    this.retryAfterMs = details.retryAfterMs;
    this.ambiguous = details.ambiguous ?? false;
    this.throttled = details.throttled ?? false;
    this.status = details.status;
  }
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`Assertion failed: ${message}. This is a defect in landbridge, not in your data.`);
}
