const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Bytes of a string that need no second look: all but quote, backslash, controls and what is not ASCII. */
const TEXT_BYTES = new Uint8Array(256).map((_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0);

/** What may follow a backslash where the service writes the same: the others it spells in another way. */
const ESCAPES = new Uint8Array(256).map((_, byte) => ('"\\bfnrt'.includes(String.fromCharCode(byte)) ? 1 : 0));

let beyondAscii = false;

/** True where a string since the last question held bytes beyond ASCII, so that they are still to be checked. */
export function tookBeyondAscii(): boolean {
  const before = beyondAscii;
  beyondAscii = false;
  return before;
}

/** Reads a JSON string from after its quote; returns the place of the closing one, or -1 where it is not plain. */
export function textEnd(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const byte = bytes[at] as number;
    if (TEXT_BYTES[byte] === 1) at += 1;
    else if (byte === QUOTE) return at;
    else if (byte === BACKSLASH) {
      if (ESCAPES[bytes[at + 1] as number] !== 1) return -1;
      at += 2;
    } else if (byte < 0x80) return -1;
    else {
      beyondAscii = true;
      at += 1;
    }
  }
  return -1;
}

export function matchesAt(bytes: Buffer, wanted: Buffer, at: number): boolean {
  for (let n = 0; n < wanted.length; n += 1) if (bytes[at + n] !== wanted[n]) return false;
  return true;
}

/** The string that stands from quote to quote. */
export function textOf(bytes: Buffer, start: number, end: number): string {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] as number;
    if (byte === BACKSLASH || byte >= 0x80) return String(JSON.parse(bytes.toString("utf8", start, end)));
  }
  return bytes.toString("latin1", start + 1, end - 1);
}
