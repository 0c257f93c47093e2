/** What the one-letter escapes stand for; 0 for "u". */
const SIMPLE = new Uint8Array(128);
for (const [letter, byte] of [["\"", 0x22], ["\\", 0x5c], ["/", 0x2f], ["b", 8], ["f", 12], ["n", 10], ["r", 13],
  ["t", 9]] as const) {
  SIMPLE[letter.charCodeAt(0)] = byte;
}

function hex4(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = at; i < at + 4; i++) {
    const byte = bytes[i] as number;
    value = (value << 4) | (byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57);
  }
  return value;
}

function putCodePoint(target: Uint8Array, at: number, code: number): number {
  if (code < 0x80) {
    target[at] = code;
    return at + 1;
  }
  if (code < 0x800) {
    target[at] = 0xc0 | (code >> 6);
    target[at + 1] = 0x80 | (code & 0x3f);
    return at + 2;
  }
  if (code < 0x10000) {
    target[at] = 0xe0 | (code >> 12);
    target[at + 1] = 0x80 | ((code >> 6) & 0x3f);
    target[at + 2] = 0x80 | (code & 0x3f);
    return at + 3;
  }
  target[at] = 0xf0 | (code >> 18);
  target[at + 1] = 0x80 | ((code >> 12) & 0x3f);
  target[at + 2] = 0x80 | ((code >> 6) & 0x3f);
  target[at + 3] = 0x80 | (code & 0x3f);
  return at + 4;
}

/**
 * Unescapes the inside of a JSON string (already found valid) into `target` and returns where the result ends there.
 * The result is UTF-8, except that a lone surrogate keeps three bytes of its own (as WTF-8 does), so that no two
 * different strings become the same bytes. It is never longer than the escaped text.
 */
export function unescapeInto(
  source: Uint8Array, start: number, end: number, target: Uint8Array, targetStart: number,
): number {
  let out = targetStart;
  let i = start;
  while (i < end) {
    const byte = source[i] as number;
    if (byte !== 0x5c) {
      target[out++] = byte;
      i++;
      continue;
    }
    const kind = source[i + 1] as number;
    if (kind !== 0x75) {
      target[out++] = SIMPLE[kind] as number;
      i += 2;
      continue;
    }
    let code = hex4(source, i + 2);
    i += 6;
    if (code >= 0xd800 && code < 0xdc00 && i + 6 <= end && source[i] === 0x5c && source[i + 1] === 0x75) {
      const low = hex4(source, i + 2);
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        i += 6;
      }
    }
    out = putCodePoint(target, out, code);
  }
  return out;
}
