const C1 = 0x239b961b;
const C2 = 0xab0e9789 | 0;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93 | 0;

/**
 * A fast 64-bit hash over the UTF-16 units of texts (MurmurHash3's mixing over two lanes of 32 bits that feed each
 * other). Lone surrogates count as they are, and each text's length counts, so that no two lists of texts run
 * together. Not cryptographic: it tells rows apart by accident's odds (2^-64), not against forgers.
 */
export class Hash64 {
  high = 0;
  low = 0;

  start(): this {
    this.high = 0x243f6a88;
    this.low = 0x85a308d3 | 0;
    return this;
  }

  /** Goes on from where another hash stood. */
  from(high: number, low: number): this {
    this.high = high;
    this.low = low;
    return this;
  }

  add(text: string): this {
    const { length } = text;
    const even = length & ~1;
    let a = this.high;
    let b = this.low;
    for (let at = 0; at < even; at += 2) {
      const word = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
      let k = Math.imul(word, C1);
      a ^= Math.imul((k << 15) | (k >>> 17), C2);
      a = (((a << 19) | (a >>> 13)) + b) | 0;
      a = (Math.imul(a, 5) + 0x561ccd1b) | 0;
      k = Math.imul(word, C3);
      b ^= Math.imul((k << 17) | (k >>> 15), C4);
      b = (((b << 13) | (b >>> 19)) + a) | 0;
      b = (Math.imul(b, 5) + 0x0bcaa747) | 0;
    }
    if (even < length) a ^= Math.imul(text.charCodeAt(even), C2);
    return this.mix(a ^ length, b ^ length);
  }

  private mix(first: number, second: number): this {
    let a = (first + second) | 0;
    let b = (second + a) | 0;
    a = Math.imul(a ^ (a >>> 16), 0x85ebca6b);
    b = Math.imul(b ^ (b >>> 16), 0x85ebca6b);
    a = Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
    b = Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
    a ^= a >>> 16;
    b ^= b >>> 16;
    this.high = (a + b) | 0;
    this.low = (b + this.high) | 0;
    return this;
  }
}
