import { OperationalError } from "../../../engine/errors";

/** Bytes of JSON's grammar. */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;

/** Deepest nesting accepted in parts of an answer that are skipped. */
const DEPTH_MAX = 32;

/** An answer that is not whole JSON: cut off, or not what a table service sends. Reading again may give a whole one. */
export function malformed(what: string, at: number): OperationalError {
  return new OperationalError({
    code: "MalformedResponse",
    message:
      `The service's answer is not whole, valid JSON: ${what} at byte ${at}. It was probably cut off on the way; ` +
      "it is read again. If it stays so, look for a proxy that alters answers.",
    retryable: true,
  });
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}

function isHex(byte: number): boolean {
  return isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}

/**
 * Walks over JSON bytes without building values. Every method takes a position and returns the one after what it read,
 * and throws `MalformedResponse` where the grammar is broken or the bytes end early.
 */
export class JsonScanner {
  /** Whether the last string held an escape. */
  escaped = false;
  /** Whether the last number had a point or an exponent. */
  fraction = false;

  constructor(readonly bytes: Uint8Array) {}

  /** The byte at a position; -1 past the end. */
  peek(at: number): number {
    return at < this.bytes.length ? (this.bytes[at] as number) : -1;
  }

  space(at: number): number {
    const bytes = this.bytes;
    let i = at;
    while (i < bytes.length) {
      const byte = bytes[i] as number;
      if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) break;
      i++;
    }
    return i;
  }

  expect(at: number, byte: number): number {
    if (this.peek(at) !== byte) throw malformed(`"${String.fromCharCode(byte)}" expected`, at);
    return at + 1;
  }

  /** From the opening quote to after the closing one. */
  string(at: number): number {
    const bytes = this.bytes;
    const length = bytes.length;
    this.escaped = false;
    let i = bytes[at] === QUOTE ? at + 1 : this.expect(at, QUOTE);
    while (i < length) {
      const byte = bytes[i] as number;
      if (byte > BACKSLASH) i++;
      else if (byte === QUOTE) return i + 1;
      else if (byte === BACKSLASH) i = this.escape(i);
      else if (byte < 0x20) throw malformed("a control character in a string", i);
      else i++;
    }
    throw malformed("the end of a string expected", length);
  }

  private escape(at: number): number {
    this.escaped = true;
    const kind = this.peek(at + 1);
    if (kind === 0x75) {
      for (let i = at + 2; i < at + 6; i++) if (!isHex(this.peek(i))) throw malformed("four hex digits expected", i);
      return at + 6;
    }
    // " \ / b f n r t
    if (kind === QUOTE || kind === BACKSLASH || kind === 0x2f) return at + 2;
    if (kind === 0x62 || kind === 0x66 || kind === 0x6e || kind === 0x72 || kind === 0x74) return at + 2;
    throw malformed("an unknown escape", at);
  }

  private digits(at: number): number {
    let i = at;
    while (isDigit(this.peek(i))) i++;
    if (i === at) throw malformed("a digit expected", at);
    return i;
  }

  number(at: number): number {
    this.fraction = false;
    const first = this.peek(at) === MINUS ? at + 1 : at;
    let i = this.peek(first) === ZERO ? first + 1 : this.digits(first);
    if (this.peek(i) === DOT) {
      this.fraction = true;
      i = this.digits(i + 1);
    }
    if ((this.peek(i) | 0x20) === 0x65) {
      this.fraction = true;
      const sign = this.peek(i + 1);
      i = this.digits(sign === PLUS || sign === MINUS ? i + 2 : i + 1);
    }
    return i;
  }

  literal(at: number, word: string): number {
    for (let i = 0; i < word.length; i++) {
      if (this.peek(at + i) !== word.charCodeAt(i)) throw malformed(`"${word}" expected`, at + i);
    }
    return at + word.length;
  }

  /** Over a value of any kind. */
  value(at: number, depth = 0): number {
    const byte = this.peek(at);
    if (byte === QUOTE) return this.string(at);
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (depth === DEPTH_MAX) throw malformed(`more than ${DEPTH_MAX} levels of nesting`, at);
      return byte === OPEN_OBJECT
        ? this.object(at, (_start, _end, value) => this.value(value, depth + 1))
        : this.array(at, (element) => this.value(element, depth + 1));
    }
    if (byte === 0x74) return this.literal(at, "true");
    if (byte === 0x66) return this.literal(at, "false");
    if (byte === 0x6e) return this.literal(at, "null");
    return this.number(at);
  }

  /** Calls `member` with the name's inner bounds and where its value begins; it returns where the value ends. */
  object(at: number, member: (nameStart: number, nameEnd: number, value: number) => number): number {
    let i = this.space(this.expect(at, OPEN_OBJECT));
    if (this.peek(i) === CLOSE_OBJECT) return i + 1;
    for (;;) {
      const nameEnd = this.string(i);
      const value = this.space(this.expect(this.space(nameEnd), COLON));
      i = this.space(member(i + 1, nameEnd - 1, value));
      if (this.peek(i) === CLOSE_OBJECT) return i + 1;
      i = this.space(this.expect(i, COMMA));
    }
  }

  /** Calls `element` with where an element begins; it returns where the element ends. */
  array(at: number, element: (at: number) => number): number {
    let i = this.space(this.expect(at, OPEN_ARRAY));
    if (this.peek(i) === CLOSE_ARRAY) return i + 1;
    for (;;) {
      i = this.space(element(i));
      if (this.peek(i) === CLOSE_ARRAY) return i + 1;
      i = this.space(this.expect(i, COMMA));
    }
  }

  /** Nothing but white space may follow. */
  end(at: number): void {
    const i = this.space(at);
    if (i !== this.bytes.length) throw malformed("the end expected", i);
  }
}
