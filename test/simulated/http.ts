import { ServiceError } from "./errors";
import type { Spelling } from "./spelling";

/** A request as it left the wire, whoever carried it. */
export interface SimulatedRequest {
  readonly method: string;
  /** Path and query exactly as sent, still percent-encoded: signatures cover this spelling. */
  readonly target: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Who asks; 127.0.0.1 where left out. Signed address ranges are held against it. */
  readonly remoteAddress?: string;
  /** True where the request came over TLS. */
  readonly secure?: boolean;
}

export interface SimulatedResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** How much OData says about a value: the three levels of the Accept header. */
export type MetadataLevel = "nometadata" | "minimalmetadata" | "fullmetadata";

export const NO_BYTES = new Uint8Array(0);

export function utf8(text: string): Uint8Array {
  return Buffer.from(text, "utf8");
}

/** Strict: bytes that are not UTF-8 are the caller's mistake, not a replacement character. */
export function text(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ServiceError(400, "InvalidInput", `The request body is not UTF-8 text (${String(cause)}).`);
  }
}

/** The level an Accept header asks for; undefined where it asks for something that is not JSON. */
export function acceptedLevel(accept: string | undefined, format: string | undefined): MetadataLevel | undefined {
  const wanted = (format ?? accept ?? "").toLowerCase().replaceAll(" ", "");
  if (!wanted.includes("application/json")) return undefined;
  if (wanted.includes("odata=nometadata")) return "nometadata";
  if (wanted.includes("odata=fullmetadata")) return "fullmetadata";
  return "minimalmetadata";
}

/** The second that was spelt last. */
let spelt = { second: Number.NaN, text: "" };

/** A Date header. */
export function httpDate(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== spelt.second) spelt = { second, text: new Date(ms).toUTCString() };
  return spelt.text;
}

/** The error body for programs that asked for JSON. */
export function errorJson(error: ServiceError, suffix: string, { errors }: Spelling): string {
  const body = { code: error.code, message: { lang: errors.language, value: `${error.message}${suffix}` } };
  return `${JSON.stringify({ "odata.error": body })}${errors.end}`;
}

function escapeXml(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** The error body for those that did not. */
export function errorXml(error: ServiceError, suffix: string): string {
  return (
    '<?xml version="1.0" encoding="utf-8" standalone="yes"?>' +
    '<m:error xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">' +
    `<m:code>${error.code}</m:code>` +
    `<m:message xml:lang="en-US">${escapeXml(error.message + suffix)}</m:message></m:error>`
  );
}
