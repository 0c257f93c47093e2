/** A request as it came over a connection. */
export interface WireRequest {
  readonly method: string;
  readonly target: string;
  /** Lower-case names; shared between requests that sent the same. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Says what is wrong with what a client sends; the connection ends after it. */
export class BadRequest extends Error {}

const NOTHING = Buffer.alloc(0);
const EMPTY_LINE = Buffer.from("\r\n\r\n");
const LINE_END = Buffer.from("\r\n");
const HEAD_BYTES_MAX = 64 * 1024;
/** Larger than any service takes, so that it is the service that refuses. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;
/** Clients send the same headers again and again: as many are remembered. */
const HEADERS_MAX = 1_000;

type Headers = Readonly<Record<string, string>>;

const known = new Map<string, Headers>();

function parseHeaders(text: string): Headers {
  const before = known.get(text);
  if (before !== undefined) return before;
  const headers: Record<string, string> = {};
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon < 1) throw new BadRequest(`${JSON.stringify(line.slice(0, 60))} is no header`);
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  if (known.size >= HEADERS_MAX) known.clear();
  known.set(text, headers);
  return headers;
}

interface Head {
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
  /** Bytes; undefined: chunked. */
  readonly length: number | undefined;
}

function parseHead(text: string): Head {
  const end = text.indexOf("\r\n");
  const line = end < 0 ? text : text.slice(0, end);
  const [method = "", target = "", version, ...more] = line.split(" ");
  if (version !== "HTTP/1.1" || more.length > 0) throw new BadRequest(`${line.slice(0, 80)} is no HTTP/1.1 request`);
  const headers = end < 0 ? {} : parseHeaders(text.slice(end + 2));
  if (headers["transfer-encoding"] !== undefined) {
    if (headers["transfer-encoding"] !== "chunked") throw new BadRequest("only chunked transfers are known");
    return { method, target, headers, length: undefined };
  }
  const length = headers["content-length"] ?? "0";
  if (!/^\d{1,9}$/.test(length) || Number(length) > BODY_BYTES_MAX) {
    throw new BadRequest(`a body of ${length} bytes cannot be read`);
  }
  return { method, target, headers, length: Number(length) };
}

/** The decoded body and the place after it; undefined while a part is missing. */
function unchunk(bytes: Buffer): { readonly body: Buffer; readonly end: number } | undefined {
  const pieces: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf(LINE_END, at);
    if (lineEnd < 0) return undefined;
    const size = /^[0-9a-f]{1,7}(?=;|$)/i.exec(bytes.toString("latin1", at, lineEnd))?.[0];
    if (size === undefined) throw new BadRequest("a chunk has no size");
    const start = lineEnd + 2;
    const length = Number.parseInt(size, 16);
    if (bytes.length < start + length + 2) return undefined;
    if (length === 0) {
      // Trailers are let pass unread.
      if (bytes.indexOf(LINE_END, start) === start) return { body: Buffer.concat(pieces), end: start + 2 };
      const end = bytes.indexOf(EMPTY_LINE, start);
      return end < 0 ? undefined : { body: Buffer.concat(pieces), end: end + 4 };
    }
    pieces.push(bytes.subarray(start, start + length));
    at = start + length + 2;
  }
}

/**
 * Cuts what comes over one connection into requests: keep-alive, pipelining, bodies with a length and chunked ones.
 * Throws `BadRequest`.
 */
export class RequestReader {
  private rest: Buffer = NOTHING;
  private head: Head | undefined;
  /** A body that comes in several pieces, and how much of it is there. */
  private body: Buffer = NOTHING;
  private filled = 0;

  /** `waiting` is called for a client that wants to be told to go on before it sends its body. */
  constructor(private readonly waiting: () => void) {}

  /** The requests that this piece completes. */
  push(chunk: Buffer): readonly WireRequest[] {
    const requests: WireRequest[] = [];
    let piece = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    this.rest = NOTHING;
    while (piece.length > 0) {
      if (this.head === undefined) {
        const end = piece.indexOf(EMPTY_LINE);
        if (end < 0) {
          if (piece.length > HEAD_BYTES_MAX) throw new BadRequest("the head of a request has no end");
          this.rest = piece;
          break;
        }
        this.head = parseHead(piece.toString("latin1", 0, end));
        piece = piece.subarray(end + EMPTY_LINE.length);
        if (piece.length === 0 && this.head.headers["expect"]?.toLowerCase() === "100-continue") this.waiting();
      }
      const taken = this.readBody(this.head, piece);
      if (taken === undefined) break;
      const { method, target, headers } = this.head;
      requests.push({ method, target, headers, body: taken.body });
      this.head = undefined;
      piece = piece.subarray(taken.end);
    }
    return requests;
  }

  /** The body, and where it ends in this piece; undefined while a part is missing. */
  private readBody(head: Head, piece: Buffer): { readonly body: Buffer; readonly end: number } | undefined {
    const { length } = head;
    if (length === undefined) {
      const found = unchunk(piece);
      if (found === undefined) this.rest = piece;
      if (piece.length > 2 * BODY_BYTES_MAX) throw new BadRequest("a chunked body has no end");
      return found;
    }
    if (this.filled === 0 && piece.length >= length) return { body: piece.subarray(0, length), end: length };
    if (this.filled === 0) this.body = Buffer.allocUnsafe(length);
    const end = piece.copy(this.body, this.filled);
    this.filled += end;
    if (this.filled < length) return undefined;
    this.filled = 0;
    return { body: this.body, end };
  }
}
