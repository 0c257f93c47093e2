/** Strings of JSON: where they end, and what they say. Every function gives 0 for what it does not take. */

/** Whether the string that `stringEnd` walked over holds an escape. */
export let escaped: bool = false;

/** From inside a string to its closing quote. What lies behind the page must begin with a zero. */
export function stringEnd(start: usize): usize {
  const quotes = i8x16.splat(0x22);
  const backslashes = i8x16.splat(0x5c);
  const spaces = i8x16.splat(0x20);
  escaped = false;
  let at = start;
  while (true) {
    const bytes = v128.load(at);
    const special = v128.or(
      v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, backslashes)), v128.lt<u8>(bytes, spaces),
    );
    const found = i8x16.bitmask(special);
    if (found === 0) {
      at += 16;
      continue;
    }
    at += ctz(found);
    const byte = load<u8>(at);
    if (byte === 0x22) return at;
    if (byte !== 0x5c) return 0;
    escaped = true;
    const next = afterEscape(at);
    if (next === 0) return 0;
    at = next;
  }
}

@inline
function isHex(byte: u32): bool {
  const letter = byte | 0x20;
  return byte - 0x30 <= 9 || letter - 0x61 <= 5;
}

function afterEscape(at: usize): usize {
  switch (load<u8>(at, 1)) {
    case 0x75: {
      for (let i: usize = 2; i < 6; i++) if (!isHex(load<u8>(at + i))) return 0;
      return at + 6;
    }
    // " \ / b f n r t
    case 0x22: case 0x5c: case 0x2f: case 0x62: case 0x66: case 0x6e: case 0x72: case 0x74: return at + 2;
    default: return 0;
  }
}

function simpleEscape(letter: u32): u32 {
  switch (letter) {
    case 0x62: return 8;
    case 0x66: return 12;
    case 0x6e: return 10;
    case 0x72: return 13;
    case 0x74: return 9;
    default: return letter;
  }
}

function hex4(at: usize): u32 {
  let value: u32 = 0;
  for (let i: usize = 0; i < 4; i++) {
    const byte = <u32>load<u8>(at + i);
    value = (value << 4) | (byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57);
  }
  return value;
}

function putCodePoint(at: usize, code: u32): usize {
  if (code < 0x80) {
    store<u8>(at, code);
    return at + 1;
  }
  if (code < 0x800) {
    store<u8>(at, 0xc0 | (code >> 6));
    store<u8>(at, 0x80 | (code & 0x3f), 1);
    return at + 2;
  }
  if (code < 0x10000) {
    store<u8>(at, 0xe0 | (code >> 12));
    store<u8>(at, 0x80 | ((code >> 6) & 0x3f), 1);
    store<u8>(at, 0x80 | (code & 0x3f), 2);
    return at + 3;
  }
  store<u8>(at, 0xf0 | (code >> 18));
  store<u8>(at, 0x80 | ((code >> 12) & 0x3f), 1);
  store<u8>(at, 0x80 | ((code >> 6) & 0x3f), 2);
  store<u8>(at, 0x80 | (code & 0x3f), 3);
  return at + 4;
}

/**
 * Unescapes what `stringEnd` has walked over, and returns where the result ends: the twin of ../../wire/unescape.ts.
 * Up to 16 bytes behind the result are written over.
 */
export function unescape(start: usize, end: usize, target: usize): usize {
  const backslashes = i8x16.splat(0x5c);
  let at = start;
  let out = target;
  while (at < end) {
    const bytes = v128.load(at);
    v128.store(out, bytes);
    const found = i8x16.bitmask(i8x16.eq(bytes, backslashes));
    const plain: usize = found === 0 ? 16 : ctz(found);
    if (at + plain >= end) return out + (end - at);
    at += plain;
    out += plain;
    if (found === 0) continue;
    const kind = <u32>load<u8>(at, 1);
    if (kind !== 0x75) {
      store<u8>(out++, simpleEscape(kind));
      at += 2;
      continue;
    }
    let code = hex4(at + 2);
    at += 6;
    // \ and u, little-endian.
    if (code >= 0xd800 && code < 0xdc00 && at + 6 <= end && load<u16>(at) === 0x755c) {
      const low = hex4(at + 2);
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        at += 6;
      }
    }
    out = putCodePoint(out, code);
  }
  return out;
}

/** Whether two texts of one length are the same. */
export function same(a: usize, b: usize, length: usize): bool {
  let i: usize = 0;
  for (; i + 8 <= length; i += 8) if (load<u64>(a + i) !== load<u64>(b + i)) return false;
  for (; i < length; i++) if (load<u8>(a + i) !== load<u8>(b + i)) return false;
  return true;
}
