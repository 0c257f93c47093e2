/** A text in bytes[start..end); replaced by its one canonical spelling. */
export interface TextSpan {
  bytes: Uint8Array;
  start: number;
  end: number;
}

const SCRATCH = Buffer.alloc(64);
const ZERO = 0x30;
const MINUS = 0x2d;

function put(span: TextSpan, bytes: Uint8Array, end: number): true {
  span.bytes = bytes;
  span.start = 0;
  span.end = end;
  return true;
}

function text(span: TextSpan): string {
  return Buffer.from(span.bytes.buffer, span.bytes.byteOffset + span.start, span.end - span.start).toString("latin1");
}

/** Largest magnitudes, as digits: never as a Number, which cannot hold them. */
const MAGNITUDES = {
  32: { positive: Buffer.from("2147483647"), negative: Buffer.from("2147483648") },
  64: { positive: Buffer.from("9223372036854775807"), negative: Buffer.from("9223372036854775808") },
} as const;

function within(bytes: Uint8Array, start: number, end: number, limit: Uint8Array): boolean {
  if (end - start !== limit.length) return end - start < limit.length;
  for (let i = 0; i < limit.length; i++) {
    const difference = (bytes[start + i] as number) - (limit[i] as number);
    if (difference !== 0) return difference < 0;
  }
  return true;
}

/** Decimal digits without leading zeros, "-" before negatives. False: not an integer of so many bits. */
export function canonicalInteger(span: TextSpan, bits: 32 | 64): boolean {
  const { bytes, end } = span;
  const negative = bytes[span.start] === MINUS;
  let first = negative ? span.start + 1 : span.start;
  if (first >= end) return false;
  for (let i = first; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte < ZERO || byte > 0x39) return false;
  }
  const firstGiven = first;
  while (first < end - 1 && bytes[first] === ZERO) first++;
  const limits = MAGNITUDES[bits];
  if (!within(bytes, first, end, negative ? limits.negative : limits.positive)) return false;
  if (!negative) {
    span.start = first;
    return true;
  }
  if (bytes[first] === ZERO) {
    // "-0" is 0.
    span.start = first;
    return true;
  }
  if (first === firstGiven) return true;
  SCRATCH[0] = MINUS;
  SCRATCH.set(bytes.subarray(first, end), 1);
  return put(span, SCRATCH, end - first + 1);
}

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const WORDS: ReadonlyMap<string, number> = new Map([["NaN", NaN], ["Infinity", Infinity], ["-Infinity", -Infinity]]);
const DOUBLE = new Float64Array(1);
const DOUBLE_BYTES = new Uint8Array(DOUBLE.buffer);

/** The eight bytes of the IEEE number. `bare`: a JSON number, so its grammar was checked. */
export function canonicalDouble(span: TextSpan, bare: boolean): boolean {
  const lexeme = text(span);
  const word = bare ? undefined : WORDS.get(lexeme);
  const value = word ?? (bare || NUMBER.test(lexeme) ? Number(lexeme) : undefined);
  // A finite text beyond the largest Double has no Double value: infinity would be a guess.
  if (value === undefined || (word === undefined && !Number.isFinite(value))) return false;
  DOUBLE[0] = value;
  if (Number.isNaN(value)) DOUBLE_BYTES.set([0, 0, 0, 0, 0, 0, 0xf8, 0x7f]);
  return put(span, DOUBLE_BYTES, 8);
}

function digits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = (bytes[i] as number) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

function dayNumber(year: number, month: number, day: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const monthDays = (MONTH_DAYS[month - 1] ?? 0) + (leap && month === 2 ? 1 : 0);
  if (!(year >= 1 && day >= 1 && day <= monthDays)) return NaN;
  const years = year - 1;
  let days = years * 365 + Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400) + day - 1;
  for (let m = 1; m < month; m++) days += (MONTH_DAYS[m - 1] as number) + (leap && m === 2 ? 1 : 0);
  return days;
}

function secondOfDay(bytes: Uint8Array, at: number): number {
  const hour = digits(bytes, at, 2);
  const minute = digits(bytes, at + 3, 2);
  const second = digits(bytes, at + 6, 2);
  return hour <= 23 && minute <= 59 && second <= 59 ? hour * 3600 + minute * 60 + second : NaN;
}

/** 100 ns of ".1234567Z" or "Z"; NaN for anything else, more digits than Storage keeps among them. */
function hundredNanoseconds(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[end - 1] !== 0x5a) return NaN;
  if (at === end - 1) return 0;
  const count = end - 1 - (at + 1);
  if (bytes[at] !== 0x2e || count < 1 || count > 7) return NaN;
  return digits(bytes, at + 1, count) * 10 ** (7 - count);
}

const SEPARATORS = [[4, MINUS], [7, MINUS], [10, 0x54], [13, 0x3a], [16, 0x3a]] as const;

/** Days since 0001-01-01, seconds of the day, 100 ns of the second: `2020-01-31T12:00:00[.1234567]Z`. */
export function canonicalDateTime(span: TextSpan): boolean {
  const { bytes, start, end } = span;
  if (end - start < 20) return false;
  for (const [at, byte] of SEPARATORS) if (bytes[start + at] !== byte) return false;
  const days = dayNumber(digits(bytes, start, 4), digits(bytes, start + 5, 2), digits(bytes, start + 8, 2));
  const seconds = secondOfDay(bytes, start + 11);
  const fraction = hundredNanoseconds(bytes, start + 19, end);
  if (Number.isNaN(days + seconds + fraction)) return false;
  SCRATCH.writeUInt32LE(days, 0);
  SCRATCH.writeUInt32LE(seconds, 4);
  SCRATCH.writeUInt32LE(fraction, 8);
  return put(span, SCRATCH, 12);
}

/** 8-4-4-4-12 hexadecimal digits, in lower case. */
export function canonicalGuid(span: TextSpan): boolean {
  if (span.end - span.start !== 36) return false;
  for (let i = 0; i < 36; i++) {
    const byte = span.bytes[span.start + i] as number;
    const dash = i === 8 || i === 13 || i === 18 || i === 23;
    const lower = byte >= 0x41 && byte <= 0x46 ? byte | 0x20 : byte;
    const hex = (lower >= ZERO && lower <= 0x39) || (lower >= 0x61 && lower <= 0x66);
    if (dash ? byte !== MINUS : !hex) return false;
    SCRATCH[i] = lower;
  }
  return put(span, SCRATCH, 36);
}

/** Position in Base64's alphabet; 255 for other bytes. */
const SEXTET = new Uint8Array(256).fill(255);
for (const [i, letter] of [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"].entries()) {
  SEXTET[letter.charCodeAt(0)] = i;
}

/** Base64 with padding. Bits beyond the last byte carry nothing: where they are set, they are cleared. */
export function canonicalBase64(span: TextSpan): boolean {
  const { bytes, start, end } = span;
  const length = end - start;
  if (length % 4 !== 0) return false;
  if (length === 0) return true;
  const padding = bytes[end - 1] !== 0x3d ? 0 : bytes[end - 2] !== 0x3d ? 1 : 2;
  const last = end - padding - 1;
  for (let i = start; i <= last; i++) if (SEXTET[bytes[i] as number] === 255) return false;
  const spareBits = padding * 2;
  if (((SEXTET[bytes[last] as number] as number) & ((1 << spareBits) - 1)) === 0) return true;
  const clean = Buffer.from(Buffer.from(text(span), "base64").toString("base64"), "latin1");
  return put(span, clean, clean.length);
}
