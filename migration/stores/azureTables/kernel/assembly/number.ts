/** Numbers of JSON: where they end, and which Double they are. */

/** Whether the number that `numberEnd` walked over has a point or an exponent. */
export let fraction: bool = false;

@inline
export function isDigit(at: usize): bool {
  return <u32>load<u8>(at) - 0x30 <= 9;
}

/** From the first byte of a number to the byte behind it; 0 where it is none. */
export function numberEnd(start: usize): usize {
  fraction = false;
  let at = load<u8>(start) === 0x2d ? start + 1 : start;
  if (!isDigit(at)) return 0;
  if (load<u8>(at) === 0x30) at++;
  else while (isDigit(at)) at++;
  if (load<u8>(at) === 0x2e) {
    fraction = true;
    at++;
    if (!isDigit(at)) return 0;
    while (isDigit(at)) at++;
  }
  if ((load<u8>(at) | 0x20) === 0x65) {
    fraction = true;
    at++;
    const sign = load<u8>(at);
    if (sign === 0x2b || sign === 0x2d) at++;
    if (!isDigit(at)) return 0;
    while (isDigit(at)) at++;
  }
  return at;
}

/** What the host makes of the number: the nearest Double. */
@external("host", "parseDouble")
declare function parseDouble(start: usize, end: usize): f64;

/** Largest whole number up to which all are Doubles. */
const EXACT_MAX: u64 = 1 << 53;

/** Powers of ten that are Doubles themselves: 1e0 to 1e22. */
const POWERS: usize = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
]);
const POWER_MAX: i32 = 22;

/** Digits that fit 64 bits, whatever they are. */
const DIGITS_MAX: i32 = 19;

/**
 * The Double nearest to a number that `numberEnd` has walked over. Digits and power that are Doubles themselves need
 * one exact operation, rounded once (William Clinger, "How to read floating point numbers accurately", 1990); the host
 * does the others.
 */
export function doubleOf(start: usize, end: usize): f64 {
  const negative = load<u8>(start) === 0x2d;
  let digits: u64 = 0;
  let count = 0;
  let power = 0;
  let behindPoint = false;
  for (let at = negative ? start + 1 : start; at < end; at++) {
    const byte = <u32>load<u8>(at);
    if (byte === 0x2e) behindPoint = true;
    else if ((byte | 0x20) === 0x65) return parseDouble(start, end);
    else {
      // Zeros in front do not count.
      if (count !== 0 || byte !== 0x30) count++;
      if (count > DIGITS_MAX) return parseDouble(start, end);
      digits = digits * 10 + (byte - 0x30);
      if (behindPoint) power++;
    }
  }
  if (digits > EXACT_MAX || power > POWER_MAX) return parseDouble(start, end);
  const value = <f64>digits / load<f64>(POWERS + (<usize>power << 3));
  return negative ? -value : value;
}
