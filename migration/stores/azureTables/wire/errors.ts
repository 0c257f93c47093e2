import { OperationalError } from "../../../engine/errors";
import { retryAfterMs, type HeaderReader } from "./retryAfter";
import { remedyFor, type RefusalContext } from "./remedies";

/** What a service says when it refuses: OData JSON, newer JSON or XML. */
export interface ServiceRefusal {
  /** "" where the service gave none. */
  readonly code: string;
  /** Without the request id, activity id and time that the service appends. */
  readonly message: string;
}

/** A message is cut here: no proxy's error page fills a report. */
const MESSAGE_CHARS_MAX = 400;

/** Hides signatures that a service echoes back. */
export function redact(text: string): string {
  return text
    .replace(/\bsig=[^&\s"'<]*/gi, "sig=***")
    .replace(/(SharedKey(?:Lite)?\s+[\w-]+:)[A-Za-z0-9+/=]+/g, "$1***")
    .replace(/(AccountKey=)[A-Za-z0-9+/=]+/gi, "$1***");
}

function tidy(message: string): string {
  const first = message.replace(/\s*(?:RequestId|ActivityId):[\s\S]*$/i, "").replace(/\s+/g, " ").trim();
  return redact(first.length > MESSAGE_CHARS_MAX ? `${first.slice(0, MESSAGE_CHARS_MAX)}...` : first);
}

function fromJson(body: string): ServiceRefusal | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const outer = parsed as { "odata.error"?: unknown; error?: unknown } | null;
  const inner = (outer?.["odata.error"] ?? outer?.error) as { code?: unknown; message?: unknown } | undefined;
  if (typeof inner !== "object" || inner === null) return undefined;
  const message = typeof inner.message === "object" && inner.message !== null
    ? (inner.message as { value?: unknown }).value : inner.message;
  return { code: String(inner.code ?? ""), message: tidy(String(message ?? "")) };
}

function fromXml(body: string): ServiceRefusal | undefined {
  const message = /<(?:m:)?message[^>]*>([\s\S]*?)<\/(?:m:)?message>/i.exec(body)?.[1];
  const code = /<(?:m:)?code[^>]*>([^<]*)</i.exec(body)?.[1];
  if (message === undefined && code === undefined) return undefined;
  const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  const text = (message ?? "").replace(/&(lt|gt|quot|apos|amp);/g, (_all, name: string) => entities[name] ?? "");
  return { code: code ?? "", message: tidy(text) };
}

/** Reads the body of a refusal, in whatever shape it comes. */
export function parseRefusal(body: string, headerCode: string | undefined): ServiceRefusal {
  const found = fromJson(body) ?? fromXml(body) ?? { code: "", message: tidy(body) };
  return { code: found.code || (headerCode ?? ""), message: found.message };
}

/**
 * Whether an account takes neither keys nor what they sign: Storage says so by a code, Cosmos DB in words ("Local
 * Authorization is disabled. Use an AAD token to authorize all requests").
 */
export function refusesKeys(status: number, headerCode: string | undefined, body: Buffer): boolean {
  if (status !== 401 && status !== 403) return false;
  const { code, message } = parseRefusal(body.toString("utf8"), headerCode);
  return code === "KeyBasedAuthenticationNotPermitted" || /local authorization is disabled/i.test(message);
}

const THROTTLED: ReadonlySet<number> = new Set([429, 503]);
const RETRYABLE: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** What a refusal without a code of its own is called. */
function nameOf(status: number): string {
  switch (status) {
    case 408: return "RequestTimedOut";
    case 429: return "TooManyRequests";
    case 503: return "ServerBusy";
    case 500: return "InternalError";
    default: return `Http${status}`;
  }
}

/** A busy service says that it did nothing. Any other server-side failure leaves that open. */
function mayHaveHappened(status: number, code: string): boolean {
  return status >= 500 || status === 408 ? code !== "ServerBusy" : false;
}

/** The one place where an answer becomes an error. `context` says what was asked, for the remedy. */
export function refusalError(
  status: number, refusal: ServiceRefusal, headers: HeaderReader, context: RefusalContext,
): OperationalError {
  const code = refusal.code || nameOf(status);
  const retryable = RETRYABLE.has(status) || code === "TableBeingDeleted" || code === "OperationTimedOut";
  const said = refusal.message === "" ? "no explanation" : `"${refusal.message.replace(/\.$/, "")}"`;
  const after = retryAfterMs(headers);
  return new OperationalError({
    code,
    message: `${context.doing} was refused (${status} ${code}): ${said}. ${remedyFor(status, code, context)}`,
    retryable,
    throttled: THROTTLED.has(status),
    ambiguous: context.writing && mayHaveHappened(status, refusal.code),
    status,
    ...(after === undefined ? {} : { retryAfterMs: after }),
  });
}
