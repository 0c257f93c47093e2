import { TableMissing } from "./cosmosRules";
import { ServiceError } from "./errors";
import { errorJson } from "./http";
import type { Profile } from "./profile";
import type { Change } from "./write";

/** What became of a batch: everything, or the first operation that was refused. */
export type BatchResult =
  | { readonly changes: readonly Change[]; readonly prefers: readonly (string | undefined)[] }
  | {
      readonly index: number;
      /** What the answer says of the index. */
      readonly shown: number | undefined;
      readonly error: ServiceError;
      readonly reason: string;
    };

type Refused = Extract<BatchResult, { readonly error: ServiceError }>;

/** Line ends are bare line feeds in a part's own head and after boundaries, CRLF in the response within it. */
const PART_HEAD = "Content-Type: application/http\nContent-Transfer-Encoding: binary\n\n";

function succeeded(change: Change, prefer: string | undefined, index: number, profile: Profile): string {
  const lines = [
    ...(change.entity === undefined ? [] : [`ETag: ${profile.spelling.etag(change.entity.ticks)}`]),
    ...(prefer === undefined ? [] : [`Preference-Applied: ${prefer}`]),
    `Content-ID: ${index + 1}`,
  ];
  return `${PART_HEAD}HTTP/1.1 204 No Content\r\n${lines.join("\r\n")}\r\n\r\n\r\n`;
}

function failed({ shown, error, reason }: Refused, suffix: string, profile: Profile): string {
  // Which operation it was is not said where its table is missing.
  const isNamed = shown !== undefined && !(error instanceof TableMissing);
  const message = isNamed ? `${shown}:${error.message}\n` : error.message;
  const indexed = new ServiceError(error.status, error.code, message);
  const extra = Object.entries(error.headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head = `HTTP/1.1 ${error.status} ${reason}\r\nContent-Type: application/json;odata=fullmetadata\r\n${extra}`;
  return `${PART_HEAD}${head}\r\n${errorJson(indexed, suffix, profile.spelling)}`;
}

/** The body of the 202, as the recordings of the Azure SDK for .NET hold it. */
export function cosmosBatchBody(
  outer: string, inner: string, result: BatchResult, suffix: () => string, profile: Profile,
): string {
  const parts = "error" in result
    ? [failed(result, suffix(), profile)]
    : result.changes.map((change, index) => succeeded(change, result.prefers[index], index, profile));
  const inside = parts.map((part) => `--${inner}\n${part}`).join("");
  const head = `--${outer}\r\nContent-Type: multipart/mixed; boundary=${inner}\r\n\r\n`;
  return `${head}${inside}--${inner}--\n--${outer}--\r\n`;
}
