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
  /** The last part's envelope, and its request line with the line's end; most often all of a batch are the same. */
  private envelope: Buffer = Buffer.alloc(0);
  private line: Buffer = Buffer.alloc(0);
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
    while (!this.isClosed()) {
      const end = this.bytes.indexOf(inner, this.at);
      if (end < 0) throw broken("the change set is not framed by its boundary");
      parts.push(this.part(end));
      this.at = end + inner.length;
    }
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
    const end = this.headEnd(this.at, this.bytes.length);
    const headers = parseHeaders(this.bytes.toString("latin1", this.at, end).split("\r\n"));
    // The change set's first boundary may follow at once: its line end is then the empty line's.
    this.at = end + 4;
    return headers;
  }

  /** Where headers end: at the first empty line. */
  private headEnd(start: number, limit: number): number {
    const end = this.bytes.indexOf(EMPTY_LINE, start);
    if (end < 0 || end + 4 > limit) throw broken("a part has no empty line after its headers");
    return end;
  }

  private skipEnvelope(end: number): number {
    const { bytes, at, envelope } = this;
    if (envelope.length > 0 && this.isAt(envelope, at)) return at + envelope.length;
    const cut = this.isLineEnd(at) ? at - 2 : this.headEnd(at, end);
    const headers = parseHeaders(bytes.toString("latin1", at, Math.max(at, cut)).split("\r\n"));
    if (headers["content-type"]?.toLowerCase() !== "application/http") throw broken("a part is not application/http");
    if (headers["content-transfer-encoding"]?.toLowerCase() !== "binary") throw broken("a part is not sent as binary");
    this.envelope = bytes.subarray(at, cut + 4);
    return cut + 4;
  }

  /** Reads the request line at a place, unless it is the last one again; returns the place of its line end. */
  private requestLine(start: number): number {
    const { bytes, line } = this;
    if (line.length > 0 && this.isAt(line, start)) return start + line.length - 2;
    const end = bytes.indexOf(CR, start);
    const text = bytes.toString("latin1", start, end);
    const match = /^([A-Z]+) (\S+) HTTP\/1\.1$/.exec(text);
    if (match === null) throw broken(`${JSON.stringify(text.slice(0, 60))} is no request line`);
    this.line = bytes.subarray(start, end + 2);
    this.request = { method: match[1] ?? "", address: match[2] ?? "" };
    return end;
  }

  private part(end: number): BatchPart {
    const { bytes } = this;
    const start = this.skipEnvelope(end);
    const cut = this.headEnd(start, end);
    const lineEnd = this.requestLine(start);
    const headers = lineEnd + 2 > cut ? {} : this.headers(bytes.toString("latin1", lineEnd + 2, cut));
    const from = cut + 4;
    // The line end before the next boundary belongs to the boundary; one more is commonly written and harmless.
    const to = end - from >= 2 && this.isLineEnd(end - 2) ? end - 2 : end;
    const { method, address } = this.request;
    return { method, address, headers, body: { buffer: bytes, start: from, end: to } };
  }

  private headers(text: string): Headers {
    const known = this.heads.get(text);
    if (known !== undefined) return known;
    const headers = parseHeaders(text.split("\r\n"));
    if (this.heads.size < HEADS_MAX) this.heads.set(text, headers);
    return headers;
  }
}

/** The change set of a batch. Throws InvalidInput where the framing is wrong. */
export function readBatch(contentType: string | undefined, body: Uint8Array): readonly BatchPart[] {
  const outer = boundary(contentType, "the request");
  return new BatchReader(allOf(body).buffer).read(outer);
}
