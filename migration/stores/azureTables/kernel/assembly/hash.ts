/**
 * MurmurHash3 (x86, 128 bit; public domain, Austin Appleby), started from four words instead of one: the twin of
 * ../../wire/memberHash.ts, which says why this one.
 */
const C1: u32 = 0x239b961b;
const C2: u32 = 0xab0e9789;
const C3: u32 = 0x38b34ae5;
const C4: u32 = 0xa1e38b93;

/** The four words, lowest first: what a hash starts from, and what comes out. */
export let h1: u32 = 0;
export let h2: u32 = 0;
export let h3: u32 = 0;
export let h4: u32 = 0;

@inline
export function startFrom(a: u32, b: u32, c: u32, d: u32): void {
  h1 = a;
  h2 = b;
  h3 = c;
  h4 = d;
}

@inline
function mix(h: u32): u32 {
  let x = h ^ (h >>> 16);
  x *= 0x85ebca6b;
  x ^= x >>> 13;
  x *= 0xc2b2ae35;
  return x ^ (x >>> 16);
}

/** The bytes of a word that are there, little-endian; bytes behind the text may be read, and count nothing. */
@inline
function partialWord(at: usize, bytes: i32): u32 {
  if (bytes >= 4) return load<u32>(at);
  return bytes <= 0 ? 0 : load<u32>(at) & ((1 << (bytes << 3)) - 1);
}

/** Goes on from the words over the bytes from `start` to `end`. */
export function hash(start: usize, end: usize): void {
  let a = h1;
  let b = h2;
  let c = h3;
  let d = h4;
  const length = <u32>(end - start);
  const blocksEnd = start + (length & ~15);
  for (let at = start; at < blocksEnd; at += 16) {
    a ^= rotl<u32>(load<u32>(at) * C1, 15) * C2;
    a = (rotl<u32>(a, 19) + b) * 5 + 0x561ccd1b;
    b ^= rotl<u32>(load<u32>(at, 4) * C2, 16) * C3;
    b = (rotl<u32>(b, 17) + c) * 5 + 0x0bcaa747;
    c ^= rotl<u32>(load<u32>(at, 8) * C3, 17) * C4;
    c = (rotl<u32>(c, 15) + d) * 5 + 0x96cd1c35;
    d ^= rotl<u32>(load<u32>(at, 12) * C4, 18) * C1;
    d = (rotl<u32>(d, 13) + a) * 5 + 0x32ac3b17;
  }
  if (blocksEnd < end) {
    const rest = <i32>(end - blocksEnd);
    d ^= rotl<u32>(partialWord(blocksEnd + 12, rest - 12) * C4, 18) * C1;
    c ^= rotl<u32>(partialWord(blocksEnd + 8, rest - 8) * C3, 17) * C4;
    b ^= rotl<u32>(partialWord(blocksEnd + 4, rest - 4) * C2, 16) * C3;
    a ^= rotl<u32>(partialWord(blocksEnd, rest) * C1, 15) * C2;
  }
  a ^= length;
  b ^= length;
  c ^= length;
  d ^= length;
  a += b + c + d;
  b += a;
  c += a;
  d += a;
  a = mix(a);
  b = mix(b);
  c = mix(c);
  d = mix(d);
  a += b + c + d;
  h1 = a;
  h2 = b + a;
  h3 = c + a;
  h4 = d + a;
}
