import { doubleOf } from "./number";
import { same } from "./text";

/** Types as digests know them (../../wire/edm.ts). */
export const NONE: u32 = 0;
export const BOOLEAN: u32 = 1;
export const INT32: u32 = 2;
export const INT64: u32 = 3;
export const DOUBLE: u32 = 4;
export const DATE_TIME: u32 = 5;
export const GUID: u32 = 6;
export const BINARY: u32 = 7;
export const STRING: u32 = 8;

const NAMES: usize = memory.data<u8>([
  0x42, 0x6f, 0x6f, 0x6c, 0x65, 0x61, 0x6e, 0, // Boolean
  0x49, 0x6e, 0x74, 0x33, 0x32, 0, 0, 0, // Int32
  0x49, 0x6e, 0x74, 0x36, 0x34, 0, 0, 0, // Int64
  0x44, 0x6f, 0x75, 0x62, 0x6c, 0x65, 0, 0, // Double
  0x44, 0x61, 0x74, 0x65, 0x54, 0x69, 0x6d, 0x65, // DateTime
  0x47, 0x75, 0x69, 0x64, 0, 0, 0, 0, // Guid
  0x42, 0x69, 0x6e, 0x61, 0x72, 0x79, 0, 0, // Binary
  0x53, 0x74, 0x72, 0x69, 0x6e, 0x67, 0, 0, // String
]);
const LENGTHS: usize = memory.data<u8>([7, 5, 5, 6, 8, 4, 6, 6]);
/** "Edm.", little-endian. */
const NAMESPACE: u32 = 0x2e6d6445;

/** The type that a text names; NONE for every other text. */
export function typeNamed(start: usize, end: usize): u32 {
  if (load<u32>(start) !== NAMESPACE) return NONE;
  const length = <u32>(end - start) - 4;
  for (let type: u32 = BOOLEAN; type <= STRING; type++) {
    if (load<u8>(LENGTHS + type - 1) === length && same(start + 4, NAMES + ((type - 1) << 3), length)) return type;
  }
  return NONE;
}

/** The one spelling of the value that `canonical` has looked at. */
export let canonicalStart: usize = 0;
export let canonicalEnd: usize = 0;

/** Room for values that are spelt anew. */
const SCRATCH: usize = memory.data(64, 16);

@inline
function stays(start: usize, end: usize): bool {
  canonicalStart = start;
  canonicalEnd = end;
  return true;
}

/**
 * Finds the canonical spelling of a text of this type: the twin of ../../canonicalText.ts. False for a text that does
 * not fit the type, and for rare spellings of one that does.
 */
export function canonical(type: u32, start: usize, end: usize, bare: bool): bool {
  switch (type) {
    case STRING: return stays(start, end);
    case INT32: return integer(start, end, 0x7fffffff);
    case INT64: return integer(start, end, 0x7fffffffffffffff);
    case DOUBLE: return double(start, end, bare);
    case DATE_TIME: return dateTime(start, end);
    case GUID: return guid(start, end);
    case BINARY: return base64(start, end);
    default: return false;
  }
}

/** Most digits of an Int64. */
const DIGITS_MAX: usize = 19;

/** `max` is the largest positive one; there is one more of the negative. */
function integer(start: usize, end: usize, max: u64): bool {
  const negative = load<u8>(start) === 0x2d;
  const first = negative ? start + 1 : start;
  const count = end - first;
  if (end <= first || count > DIGITS_MAX) return false;
  // Zeros in front and a negative zero are spelt anew elsewhere.
  if (load<u8>(first) === 0x30 && (count > 1 || negative)) return false;
  let value: u64 = 0;
  for (let at = first; at < end; at++) {
    const digit = <u32>load<u8>(at) - 0x30;
    if (digit > 9) return false;
    value = value * 10 + digit;
  }
  return value <= (negative ? max + 1 : max) && stays(start, end);
}

const NAN_BITS: u64 = 0x7ff8000000000000;
const INFINITY_BITS: u64 = 0x7ff0000000000000;

function putBits(bits: u64): bool {
  store<u64>(SCRATCH, bits);
  return stays(SCRATCH, SCRATCH + 8);
}

/** In quotes only the three words are taken: services spell numbers bare. */
function double(start: usize, end: usize, bare: bool): bool {
  if (!bare) {
    const length = end - start;
    // "NaN" and "-Infinity" without its sign: nothing else is three, eight or nine bytes of this beginning and end.
    if (length === 3) return (load<u16>(start) === 0x614e && load<u8>(start, 2) === 0x4e) && putBits(NAN_BITS);
    const negative = load<u8>(start) === 0x2d;
    if (length !== (negative ? 9 : 8)) return false;
    if (load<u64>(negative ? start + 1 : start) !== 0x7974696e69666e49) return false;
    return putBits(negative ? INFINITY_BITS | (1 << 63) : INFINITY_BITS);
  }
  const value = doubleOf(start, end);
  return isFinite(value) && putBits(reinterpret<u64>(value));
}

/** Whether a byte that must be a digit was none, since `dateTime` began. */
let wrong: u32 = 0;

@inline
function digit(at: usize): u32 {
  const value = <u32>load<u8>(at) - 0x30;
  wrong |= <u32>(value > 9);
  return value;
}

@inline
function two(at: usize): u32 {
  return digit(at) * 10 + digit(at + 1);
}

const MONTH_DAYS: usize = memory.data<u8>([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);
const DAYS_BEFORE: usize = memory.data<u16>([0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]);

function dateTime(start: usize, end: usize): bool {
  const length = end - start;
  if (length < 20 || length > 28 || length === 21) return false;
  if (load<u8>(start, 4) !== 0x2d || load<u8>(start, 7) !== 0x2d || load<u8>(start, 10) !== 0x54) return false;
  if (load<u8>(start, 13) !== 0x3a || load<u8>(start, 16) !== 0x3a || load<u8>(end - 1) !== 0x5a) return false;
  wrong = 0;
  const year = two(start) * 100 + two(start + 2);
  const month = two(start + 5);
  const day = two(start + 8);
  const hour = two(start + 11);
  const minute = two(start + 14);
  const second = two(start + 17);
  let fraction: u32 = 0;
  if (length > 20) {
    if (load<u8>(start, 19) !== 0x2e) return false;
    for (let at = start + 20; at < start + 27; at++) fraction = fraction * 10 + (at < end - 1 ? digit(at) : 0);
  }
  if (wrong !== 0 || year < 1 || month < 1 || month > 12 || day < 1) return false;
  if (hour > 23 || minute > 59 || second > 59) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day > <u32>load<u8>(MONTH_DAYS + month) + <u32>(leap && month === 2)) return false;
  const years = year - 1;
  const before = <u32>load<u16>(DAYS_BEFORE + (month << 1)) + <u32>(leap && month > 2);
  store<u32>(SCRATCH, years * 365 + years / 4 - years / 100 + years / 400 + before + day - 1);
  store<u32>(SCRATCH, hour * 3600 + minute * 60 + second, 4);
  store<u32>(SCRATCH, fraction, 8);
  return stays(SCRATCH, SCRATCH + 12);
}

@inline
function within(bytes: v128, first: i32, last: i32): v128 {
  return v128.and(v128.ge<u8>(bytes, i8x16.splat(<i8>first)), v128.le<u8>(bytes, i8x16.splat(<i8>last)));
}

/** Puts 16 bytes of a Guid in lower case; false unless dashes stand at `dashes`, a bit each, and digits elsewhere. */
function guidPiece(from: usize, to: usize, dashes: i32): bool {
  const bytes = v128.load(from);
  const lower = v128.or(bytes, i8x16.splat(0x20));
  const hex = i8x16.bitmask(v128.or(within(bytes, 0x30, 0x39), within(lower, 0x61, 0x66)));
  const dash = i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(0x2d)));
  v128.store(to, lower);
  return dash === dashes && (hex | dash) === 0xffff;
}

function guid(start: usize, end: usize): bool {
  if (end - start !== 36) return false;
  // The last piece overlaps the one before.
  const fits = guidPiece(start, SCRATCH, (1 << 8) | (1 << 13)) &&
    guidPiece(start + 16, SCRATCH + 16, (1 << 2) | (1 << 7)) && guidPiece(start + 20, SCRATCH + 20, 1 << 3);
  return fits && stays(SCRATCH, SCRATCH + 36);
}

@inline
function sextet(byte: u32): u32 {
  if (byte - 0x41 <= 25) return byte - 0x41;
  if (byte - 0x61 <= 25) return byte - 0x61 + 26;
  if (byte - 0x30 <= 9) return byte - 0x30 + 52;
  return byte === 0x2b ? 62 : byte === 0x2f ? 63 : 255;
}

/** Bits that carry nothing, where they are set, are cleared elsewhere. */
function base64(start: usize, end: usize): bool {
  const length = end - start;
  if ((length & 3) !== 0) return false;
  if (length === 0) return stays(start, end);
  const padding: u32 = load<u8>(end - 1) !== 0x3d ? 0 : load<u8>(end - 2) !== 0x3d ? 1 : 2;
  const last = end - padding;
  let at = start;
  for (; at + 16 <= last; at += 16) {
    const bytes = v128.load(at);
    const letters = v128.or(within(bytes, 0x41, 0x5a), within(bytes, 0x61, 0x7a));
    const marks = v128.or(i8x16.eq(bytes, i8x16.splat(0x2b)), i8x16.eq(bytes, i8x16.splat(0x2f)));
    if (!v128.all_true<i8>(v128.or(v128.or(letters, marks), within(bytes, 0x30, 0x39)))) return false;
  }
  for (; at < last; at++) if (sextet(load<u8>(at)) === 255) return false;
  return (sextet(load<u8>(last - 1)) & ((1 << (2 * padding)) - 1)) === 0 && stays(start, end);
}
