import type { WriteOperation } from "../../../engine/store";
import { boundaryOf } from "./batchAnswer";

const PART_START = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nHTTP/1.1 2";
const CHANGESET = /^\r\nContent-Type: multipart\/mixed; boundary=([\w-]+)\r\n\r\n/;
const LINE_ENDS = /^[\r\n]*$/;
const ETAG = "ETag: ";
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;
const SPACE = 0x20;

/** What a line must not begin with, but for "ETag: ": spellings of that name, white space, boundaries. */
const DOUBTFUL: ReadonlySet<number> = new Set([..."Ee -\t"].map((letter) => letter.charCodeAt(0)));

/** Text after the last header of a part, if it has no body: a few line ends. */
const AFTER_HEADERS_BYTES_MAX = 16;

/** Longest description of the changeset. */
const CHANGESET_BYTES_MAX = 256;

/**
 * The versions (ETags; "" for a delete) that a batch's answer tells, where it is spelt as Storage spells a success:
 * one part for each operation, each of them 2xx with its ETag and without a body, every boundary in its place.
 * Undefined for anything else, failures among it: `parseBatchAnswer` then says what it is. Whatever this accepts, that
 * accepts with the same result.
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

interface Headers {
  readonly etag: string | undefined;
  /** Behind the blank line that ends them. */
  readonly end: number;
}

function partVersions(
  text: string, from: number, boundary: string, operations: readonly Pick<WriteOperation, "kind">[],
): { readonly found: string[]; readonly end: number } | undefined {
  const partStart = `${boundary}\r\n${PART_START}`;
  const partEnd = `\r\n${boundary}`;
  const found: string[] = [];
  let at = from;
  for (const { kind } of operations) {
    const status = at + partStart.length;
    if (!text.startsWith(partStart, at) || !isStatusRest(text, status)) return undefined;
    const headers = readHeaders(text, status);
    if (headers === undefined || (headers.etag === undefined && kind !== "delete")) return undefined;
    const end = partEndAfter(text, headers.end, partEnd);
    if (end < 0) return undefined;
    found.push(kind === "delete" ? "" : (headers.etag ?? ""));
    at = end + 2;
  }
  return { found, end: at };
}

/** The second and third digit of a status, and the space after them. */
function isStatusRest(text: string, at: number): boolean {
  const second = text.charCodeAt(at) - 0x30;
  const third = text.charCodeAt(at + 1) - 0x30;
  return second >= 0 && second <= 9 && third >= 0 && third <= 9 && text.charCodeAt(at + 2) === SPACE;
}

/** Where the line end before the next boundary is; -1 where there is more than line ends before it. */
function partEndAfter(text: string, headersEnd: number, partEnd: string): number {
  // The blank line that ends the headers may be the one before the boundary.
  for (let at = headersEnd - 2; at <= headersEnd + AFTER_HEADERS_BYTES_MAX; at += 2) {
    if (text.startsWith(partEnd, at)) return at;
    if (text.charCodeAt(at) !== CARRIAGE_RETURN || text.charCodeAt(at + 1) !== LINE_FEED) return -1;
  }
  return -1;
}

/** The header lines after the status line that holds `from`; undefined where one is spelt in a doubtful way. */
function readHeaders(text: string, from: number): Headers | undefined {
  let etag: string | undefined;
  let line = -1;
  for (;;) {
    const end = text.indexOf("\n", line < 0 ? from : line);
    // Bare line feeds are the other reader's.
    if (end < 0 || text.charCodeAt(end - 1) !== CARRIAGE_RETURN) return undefined;
    if (line >= 0) {
      if (end - line === 1) return { etag, end: end + 1 };
      if (DOUBTFUL.has(text.charCodeAt(line))) {
        if (etag !== undefined || !text.startsWith(ETAG, line)) return undefined;
        etag = text.slice(line + ETAG.length, end - 1).trim();
      }
    }
    line = end + 1;
  }
}
