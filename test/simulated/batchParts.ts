import { refuse } from "./errors";
import type { Bytes } from "./row";
import { allOf } from "./row";

/** One request inside the change set. */
export interface BatchPart {
  readonly method: string;
  /** As written: an absolute address or a path. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Bytes;
}

interface RequestLine {
  readonly method: string;
  readonly address: string;
}

type Headers = Readonly<Record<string, string>>;

const broken = (why: string) => refuse.invalidInput(`The batch request is not valid: ${why}.`);

const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;
const EMPTY_LINE = Buffer.from("\r\n\r\n");
/** Heads repeat from part to part: as many are remembered. */
const HEADS_MAX = 1_000;

function parseHeaders(lines: readonly string[]): Headers {
  const pairs = lines.filter((line) => line !== "").map((line): [string, string] => {
    const colon = line.indexOf(":");
    if (colon < 1) throw broken(`${JSON.stringify(line.slice(0, 40))} is no header`);
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return Object.fromEntries(pairs);
}

function boundary(contentType: string | undefined, what: string): Buffer {
  const found = /^multipart\/mixed;\s*boundary="?([^";\s]+)"?/i.exec(contentType ?? "")?.[1];
  if (found === undefined) throw broken(`${what} is not multipart/mixed with a boundary`);
  return Buffer.from(`\r\n--${found}`, "latin1");
}

/**
 * Reads the change set of a batch without making text of what it only passes on. Line ends are CRLF: the service takes
 * no others.
 */
class BatchReader {
  private at = 0;
  private readonly heads = new Map<string, Headers>();
  /** The last part from its envelope to its request line's end, and the line; often those of a batch are the same. */
  private opening: Buffer = Buffer.alloc(0);
  private headersBytes = 0;
  private request: RequestLine = { method: "", address: "" };

  constructor(private readonly bytes: Buffer) {}

  read(outer: Buffer): readonly BatchPart[] {
    this.firstDelimiter(outer, "the batch");
    const headers = this.outerHeaders();
    const type = headers["content-type"];
    if (type?.toLowerCase().startsWith("application/http") === true) throw refuse.notImplemented();
    const inner = boundary(type, "the change set");
    const parts: BatchPart[] = [];
    this.firstDelimiter(inner, "the change set");
    while (!this.isClosed()) parts.push(this.part(inner));
    if (parts.length === 0) throw broken("the change set is empty");
    const end = this.bytes.indexOf(outer, this.at);
    if (end < 0) throw broken("the batch is not framed by its boundary");
    this.at = end + outer.length;
    if (!this.isClosed()) throw broken("it needs exactly one change set");
    return parts;
  }

  /** True where the delimiter just passed is the last; else steps over its line end. */
  private isClosed(): boolean {
    if (this.bytes[this.at] === DASH && this.bytes[this.at + 1] === DASH) return true;
    if (!this.isLineEnd(this.at)) throw broken("a boundary is not followed by a line end");
    this.at += 2;
    return false;
  }

  private isAt(wanted: Buffer, at: number): boolean {
    const end = at + wanted.length;
    return end <= this.bytes.length && this.bytes.compare(wanted, 0, wanted.length, at, end) === 0;
  }

  private isLineEnd(at: number): boolean {
    return this.bytes[at] === CR && this.bytes[at + 1] === LF;
  }

  /** Steps behind the first delimiter; nothing but blanks may stand before it. */
  private firstDelimiter(mark: Buffer, what: string): void {
    const { bytes, at } = this;
    // The line end before the first one may be missing: the text begins with it.
    const bare = this.isAt(mark.subarray(2), at);
    const found = bare ? at - 2 : bytes.indexOf(mark, at);
    const isFirst = bare || (found >= 0 && bytes.toString("latin1", at, found).trim() === "");
    if (!isFirst) throw broken(`${what} is not framed by its boundary`);
    this.at = found + mark.length;
  }

  private outerHeaders(): Headers {
    if (this.isClosed()) throw broken("it needs exactly one change set");
    const end = this.headEnd(this.at);
    const headers = parseHeaders(this.bytes.toString("latin1", this.at, end).split("\r\n"));
    // The change set's first boundary may follow at once: its line end is then the empty line's.
    this.at = end + 4;
    return headers;
  }

  /** Where headers end: at the first empty line. */
  private headEnd(start: number): number {
    const end = this.bytes.indexOf(EMPTY_LINE, start);
    if (end < 0) throw broken("a part has no empty line after its headers");
    return end;
  }

  /** Reads what a part begins with, unless it is what the last one began with; returns the place after it. */
  private skipOpening(): number {
    const { bytes, at, opening } = this;
    if (opening.length > 0 && this.isAt(opening, at)) return at + opening.length;
    const cut = this.isLineEnd(at) ? at - 2 : this.headEnd(at);
    const headers = parseHeaders(bytes.toString("latin1", at, Math.max(at, cut)).split("\r\n"));
    if (headers["content-type"]?.toLowerCase() !== "application/http") throw broken("a part is not application/http");
    if (headers["content-transfer-encoding"]?.toLowerCase() !== "binary") throw broken("a part is not sent as binary");
    const start = cut + EMPTY_LINE.length;
    const end = bytes.indexOf(CR, start);
    const line = bytes.toString("latin1", start, end < 0 ? start : end);
    const match = /^([A-Z]+) (\S+) HTTP\/1\.1$/.exec(line);
    if (match === null) throw broken(`${JSON.stringify(line.slice(0, 60))} is no request line`);
    this.request = { method: match[1] ?? "", address: match[2] ?? "" };
    this.opening = bytes.subarray(at, end + 2);
    return end + 2;
  }

  private part(inner: Buffer): BatchPart {
    const head = this.headers(this.skipOpening());
    const { bytes, at: start } = this;
    const length = Number(head["content-length"] ?? Number.NaN);
    // Where the length is true the next boundary follows at once: no need to look for it.
    const end = length >= 0 && this.isAt(inner, start + length) ? start + length : bytes.indexOf(inner, start);
    if (end < 0) throw broken("the change set is not framed by its boundary");
    this.at = end + inner.length;
    // The line end before the next boundary belongs to the boundary; one more is commonly written and harmless.
    const to = end - start >= 2 && this.isLineEnd(end - 2) ? end - 2 : end;
    const { method, address } = this.request;
    return { method, address, headers: head, body: { buffer: bytes, start, end: to } };
  }

  /** The headers that begin at a place; `at` is then the body's. */
  private headers(start: number): Headers {
    const { bytes, headersBytes } = this;
    // Most often they are as long as those before, and known.
    const guessed = this.heads.get(bytes.toString("latin1", start, start + headersBytes));
    if (headersBytes > 0 && guessed !== undefined && this.isAt(EMPTY_LINE, start + headersBytes)) {
      this.at = start + headersBytes + EMPTY_LINE.length;
      return guessed;
    }
    const none = this.isLineEnd(start);
    const end = none ? start : this.headEnd(start);
    this.at = end + (none ? 2 : EMPTY_LINE.length);
    if (none) return {};
    const text = bytes.toString("latin1", start, end);
    this.headersBytes = end - start;
    const headers = this.heads.get(text) ?? parseHeaders(text.split("\r\n"));
    if (this.heads.size < HEADS_MAX) this.heads.set(text, headers);
    return headers;
  }
}

/** The change set of a batch. Throws InvalidInput where the framing is wrong. */
export function readBatch(contentType: string | undefined, body: Uint8Array): readonly BatchPart[] {
  const outer = boundary(contentType, "the request");
  return new BatchReader(allOf(body).buffer).read(outer);
}
