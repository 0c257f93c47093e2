import { matchesAt } from "./plainText";

/**
 * Bytes of values that the service would spell just as they were sent: what is stored of them is what came. Each
 * function is stricter than the service: a value that it does not know may still be a good one, spelt otherwise.
 */
const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
const POINT = 0x2e;
const isDigit = (byte: number | undefined) => byte !== undefined && byte >= ZERO && byte <= NINE;

/** A double of at most this many digits is told from every other, and spelt with as many. */
const DOUBLE_DIGITS_MAX = 15;

function digitsEnd(bytes: Buffer, start: number): number {
  let at = start;
  while (isDigit(bytes[at])) at += 1;
  return at;
}

/** An integer without leading zeros or sign of zero, of at most `digitsMax` digits. */
function isPlainInteger(bytes: Buffer, start: number, end: number, digitsMax: number): boolean {
  const first = bytes[start] === MINUS ? start + 1 : start;
  if (end - first < 1 || end - first > digitsMax || digitsEnd(bytes, first) !== end) return false;
  return bytes[first] !== ZERO || (end - first === 1 && first === start);
}

/** A double as the service spells it, without exponent: `12.5`, `-0.001`, `7.0`. */
function isPlainDouble(bytes: Buffer, start: number, end: number): boolean {
  const first = bytes[start] === MINUS ? start + 1 : start;
  const point = digitsEnd(bytes, first);
  const hasPoint = point > first && bytes[point] === POINT && point + 1 < end;
  if (!hasPoint || digitsEnd(bytes, point + 1) !== end) return false;
  const isSmall = bytes[first] === ZERO;
  if (isSmall && point - first > 1) return false;
  if (bytes[end - 1] === ZERO && end - point > 2) return false;
  if (!isSmall) return end - first - 1 <= DOUBLE_DIGITS_MAX;
  let leading = point + 1;
  while (bytes[leading] === ZERO) leading += 1;
  // From 0.00001 down the service writes an exponent.
  return leading === end ? end === point + 2 : leading - point - 1 <= 3 && end - leading <= DOUBLE_DIGITS_MAX;
}

function number(bytes: Buffer, start: number, digits: number): number {
  let value = 0;
  for (let at = start; at < start + digits; at += 1) {
    if (!isDigit(bytes[at])) return Number.NaN;
    value = value * 10 + (bytes[at] as number) - ZERO;
  }
  return value;
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysOf(year: number, month: number): number {
  if (month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)) return 29;
  return MONTH_DAYS[month - 1] ?? 0;
}

/** Where a date has a dash, its T, and colons. */
const MARKS: readonly (readonly [number, number])[] = [[4, MINUS], [7, MINUS], [10, 0x54], [13, 0x3a], [16, 0x3a]];

/** `2026-01-01T12:34:56.1234567Z` from the year 1601 on, without zeros at the fraction's end. */
function isPlainDateTime(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < 20 || end - start > 28 || end - start === 21 || bytes[end - 1] !== 0x5a) return false;
  for (const [at, mark] of MARKS) if (bytes[start + at] !== mark) return false;
  const year = number(bytes, start, 4);
  const day = number(bytes, start + 8, 2);
  const inDay = number(bytes, start + 11, 2) <= 23 && number(bytes, start + 14, 2) <= 59 &&
    number(bytes, start + 17, 2) <= 59;
  if (!(year >= 1601) || !inDay || !(day >= 1 && day <= daysOf(year, number(bytes, start + 5, 2)))) return false;
  if (end - start === 20) return true;
  return bytes[start + 19] === POINT && digitsEnd(bytes, start + 20) === end - 1 && bytes[end - 2] !== ZERO;
}

/** Lower case, with dashes. */
function isPlainGuid(bytes: Buffer, start: number, end: number): boolean {
  if (end - start !== 36) return false;
  for (let n = 0; n < 36; n += 1) {
    const byte = bytes[start + n] as number;
    const isDash = n === 8 || n === 13 || n === 18 || n === 23;
    if (isDash ? byte !== MINUS : !isDigit(byte) && !(byte >= 0x61 && byte <= 0x66)) return false;
  }
  return true;
}

/** Letters whose lowest two bits, and lowest four bits, are zero: others hide bits that padding cuts off. */
const EVEN_2 = Buffer.from("AEIMQUYcgkosw048");
const EVEN_4 = Buffer.from("AQgw");
const PAD = 0x3d;

function unpadded(bytes: Buffer, start: number, end: number): number | undefined {
  if (end === start || bytes[end - 1] !== PAD) return end;
  const isDouble = bytes[end - 2] === PAD;
  const cut = isDouble ? end - 2 : end - 1;
  return (isDouble ? EVEN_4 : EVEN_2).includes(bytes[cut - 1] as number) ? cut : undefined;
}

/** Base64 as the service writes it, of at most `bytesMax` bytes. */
function isPlainBinary(bytes: Buffer, start: number, end: number, bytesMax: number): boolean {
  if ((end - start) % 4 !== 0 || ((end - start) / 4) * 3 > bytesMax) return false;
  const last = unpadded(bytes, start, end);
  if (last === undefined) return false;
  for (let at = start; at < last; at += 1) {
    const byte = bytes[at] as number;
    const isLetter = (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
    if (!isLetter && !isDigit(byte) && byte !== 0x2b && byte !== 0x2f) return false;
  }
  return true;
}

/** Types as this folder's quick ways number them; from `INT64` on, JSON alone does not tell them. */
export const TYPE = {
  NONE: 0, STRING: 1, INT32: 2, BOOLEAN: 3, DOUBLE: 4, INT64: 5, DATE_TIME: 6, GUID: 7, BINARY: 8,
} as const;

const QUOTE = 0x22;
const TRUE = Buffer.from("true");
const FALSE = Buffer.from("false");

/** True where the service would spell this value, of this `TYPE`, as it was sent. Strings were read already. */
export function isPlainValue(bytes: Buffer, start: number, end: number, type: number, bytesMax: number): boolean {
  if (bytes[start] === QUOTE) {
    if (type === TYPE.NONE || type === TYPE.STRING) return true;
    if (type === TYPE.INT64) return isPlainInteger(bytes, start + 1, end - 1, 18);
    if (type === TYPE.DATE_TIME) return isPlainDateTime(bytes, start + 1, end - 1);
    if (type === TYPE.GUID) return isPlainGuid(bytes, start + 1, end - 1);
    return type === TYPE.BINARY && isPlainBinary(bytes, start + 1, end - 1, bytesMax);
  }
  if ((type === TYPE.NONE || type === TYPE.INT32) && isPlainInteger(bytes, start, end, 9)) return true;
  if (type === TYPE.NONE || type === TYPE.DOUBLE) {
    if (isPlainDouble(bytes, start, end)) return true;
  }
  return (type === TYPE.NONE || type === TYPE.BOOLEAN) && isBoolean(bytes, start, end);
}

function isBoolean(bytes: Buffer, start: number, end: number): boolean {
  const word = bytes[start] === TRUE[0] ? TRUE : FALSE;
  return end - start === word.length && matchesAt(bytes, word, start);
}
