import { OperationalError } from "../../../engine/errors";
import { redact } from "./errors";

/** The request never left: nothing can have happened. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  "ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT",
]);

const TIMED_OUT: ReadonlySet<string> = new Set([
  "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "ETIMEDOUT", "TimeoutError",
]);

const LOST: ReadonlySet<string> = new Set([
  "ECONNRESET", "EPIPE", "ECONNABORTED", "UND_ERR_SOCKET", "UND_ERR_RES_CONTENT_LENGTH_MISMATCH", "UND_ERR_INFO",
]);

/** Links of a chain of causes looked at. */
const CAUSES_MAX = 4;

/** Looked at by shape, not by class: errors of Node's core may come from another realm. */
interface Failure {
  readonly code?: unknown;
  readonly name?: unknown;
  readonly cause?: Failure;
  readonly errors?: readonly Failure[];
}

/** The name that undici, Node or OpenSSL gave the failure. */
function codeOf(error: unknown): string {
  let at = error as Failure | undefined;
  for (let depth = 0; at !== undefined && at !== null && depth < CAUSES_MAX; depth++) {
    // Several addresses of one host were tried: the first refusal stands for all.
    const code = at.code ?? at.errors?.[0]?.code;
    if (typeof code === "string") return code;
    if (at.name === "TimeoutError") return at.name;
    at = at.cause;
  }
  return "";
}

function isTls(code: string): boolean {
  return /CERT|TLS|SSL|SELF_SIGNED|EPROTO/.test(code);
}

function isTooLarge(code: string): boolean {
  return code === "UND_ERR_RES_EXCEEDED_MAX_SIZE";
}

interface Kind {
  readonly code: string;
  readonly what: string;
  readonly retryable: boolean;
  readonly maybeDone: boolean;
}

function kindOf(code: string): Kind {
  if (UNREACHABLE.has(code)) {
    return {
      code: "Unreachable", retryable: true, maybeDone: false,
      what: "could not be reached: check the endpoint's name, this machine's network and the account's network rules",
    };
  }
  if (TIMED_OUT.has(code)) {
    return { code: "TimedOut", retryable: true, maybeDone: true, what: "did not answer in time: it is asked again" };
  }
  if (LOST.has(code) || code.startsWith("HPE_")) {
    return {
      code: "ConnectionLost", retryable: true, maybeDone: true, what: "closed the connection early: it is asked again",
    };
  }
  if (isTooLarge(code)) {
    return {
      code: "AnswerTooLarge", retryable: false, maybeDone: true,
      what: "sent a larger answer than can be held: ask for fewer rows a page",
    };
  }
  if (isTls(code)) {
    return {
      code: "TlsRefused", retryable: false, maybeDone: false,
      what: "could not be trusted: its certificate is not valid for this name (a proxy between, or a wrong endpoint?)",
    };
  }
  return { code: "RequestFailed", retryable: false, maybeDone: true, what: "could not be asked" };
}

/** A failure below HTTP as an error of ours. `place` is the account's identity, without secrets. */
export function networkError(error: unknown, place: string, doing: string, writing: boolean): OperationalError {
  const code = codeOf(error);
  const kind = kindOf(code);
  const detail = redact(code || (error instanceof Error ? error.message : String(error)));
  return new OperationalError({
    code: kind.code,
    message: `${doing}: ${place} ${kind.what} (${detail}).`,
    retryable: kind.retryable,
    ambiguous: writing && kind.maybeDone,
    cause: error,
  });
}
