import * as fc from "fast-check";
import { addLanes, hashInto } from "../../../migration/stores/azureTables/wire/memberHash";

function hash(text: string, seed = 0): string {
  const lanes = new Int32Array(4).fill(seed);
  const bytes = Buffer.from(`xx${text}yy`);
  hashInto(lanes, bytes, 2, bytes.length - 2);
  return Array.from(lanes, (lane) => (lane >>> 0).toString(16).padStart(8, "0")).join("");
}

describe("the hash of a property", () => {
  it("is MurmurHash3 x86 128, by published vectors", () => {
    expect(hash("I will not buy this record, it is scratched.")).toBe("a0a9683b25ac5e40d9af2895890dddf5");
    expect(hash("", 1)).toBe("88c4adec54d201b954d201b954d201b9");
    expect(hash("")).toBe("00000000000000000000000000000000");
  });

  it("changes with every byte, at every length up to three blocks", () => {
    const text = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKL";
    for (let length = 1; length <= text.length; length++) {
      const whole = text.slice(0, length);
      const seen = new Set([hash(whole)]);
      for (let i = 0; i < length; i++) seen.add(hash(`${whole.slice(0, i)}!${whole.slice(i + 1)}`));
      expect(seen.size).toBe(length + 1);
    }
  });

  it("adds up modulo 2^128, carries included", () => {
    const big = (words: ArrayLike<number>) =>
      Array.from(words, (word, i) => BigInt(word >>> 0) << BigInt(32 * i)).reduce((a, b) => a + b);
    const words = fc.array(fc.oneof(fc.integer(), fc.constantFrom(-1, 0)), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(words, words, (a, b) => {
        const sum = Uint32Array.from(a, (word) => word >>> 0);
        addLanes(sum, Int32Array.from(b));
        expect(big(sum)).toBe((big(a) + big(b)) % (1n << 128n));
      }),
    );
  });
});
