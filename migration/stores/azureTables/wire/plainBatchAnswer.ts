import type { WriteOperation } from "../../../engine/store";
import { boundaryOf } from "./batchAnswer";

const PART_START = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nHTTP/1.1 2";
/** From the first digit of a status to what follows the third. */
const STATUS_REST = /^\d\d[ \r]/;
const CHANGESET = /^\r\nContent-Type: multipart\/mixed; boundary=([\w-]+)\r\n\r\n/;
const LINE_ENDS = /^[\r\n]*$/;
const ETAG = "\r\nETag: ";
const HEADERS_END = "\r\n\r\n";

/** Text after the last header of a part, if it has no body: a few line ends. */
const AFTER_HEADERS_BYTES_MAX = 16;

/** Longest description of the changeset. */
const CHANGESET_BYTES_MAX = 256;

/**
 * The versions (ETags; "" for a delete) that a batch's answer tells, where it is spelt as Storage spells a success:
 * one part for each operation, each of them 2xx with its ETag and without a body, every boundary in its place.
 * Undefined for anything else, failures among it: `parseBatchAnswer` then says what it is. Whatever this accepts, that
 * accepts with the same result (it takes the last of several ETags; here a second one spelt alike is not accepted).
 */
export function plainVersions(
  contentType: string | undefined, body: Buffer, operations: readonly Pick<WriteOperation, "kind">[],
): string[] | undefined {
  const outer = boundaryOf(contentType);
  if (outer === undefined) return undefined;
  const text = body.toString("latin1");
  if (!text.startsWith(`--${outer}`)) return undefined;
  const opened = outer.length + 2;
  const changeset = CHANGESET.exec(text.slice(opened, opened + CHANGESET_BYTES_MAX));
  if (changeset === null) return undefined;
  const inner = `--${changeset[1] as string}`;
  const versions = partVersions(text, opened + changeset[0].length, inner, operations);
  if (versions === undefined) return undefined;
  return text.startsWith(`${inner}--\r\n--${outer}--`, versions.end) &&
    LINE_ENDS.test(text.slice(versions.end + inner.length + 2 + 2 + outer.length + 4)) ? versions.found : undefined;
}

function partVersions(
  text: string, from: number, boundary: string, operations: readonly Pick<WriteOperation, "kind">[],
): { readonly found: string[]; readonly end: number } | undefined {
  const partStart = `${boundary}\r\n${PART_START}`;
  const partEnd = `\r\n${boundary}`;
  const found: string[] = [];
  let at = from;
  // Where the ETag of this part, or of a later one, is.
  let etag = text.indexOf(ETAG, from);
  for (const { kind } of operations) {
    if (!text.startsWith(partStart, at)) return undefined;
    const status = at + partStart.length;
    const headersEnd = text.indexOf(HEADERS_END, status);
    const end = text.indexOf(partEnd, headersEnd);
    if (headersEnd < 0 || end < 0 || end - headersEnd > AFTER_HEADERS_BYTES_MAX) return undefined;
    if (!STATUS_REST.test(text.slice(status, status + 3)) || !LINE_ENDS.test(text.slice(headersEnd, end))) {
      return undefined;
    }
    if (etag >= 0 && etag < headersEnd) {
      const valueEnd = text.indexOf("\r\n", etag + ETAG.length);
      found.push(kind === "delete" ? "" : text.slice(etag + ETAG.length, valueEnd).trim());
      etag = text.indexOf(ETAG, valueEnd);
      // Two in one part: which of them counts is for the other reader to say.
      if (etag >= 0 && etag < end) return undefined;
    } else if (kind === "delete") found.push("");
    else return undefined;
    at = end + 2;
  }
  return { found, end: at };
}
