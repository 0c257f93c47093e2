import { hash } from "node:crypto";

import fc from "fast-check";

import { Hash64 } from "../../migration/engine/hash64";
import { ReceiptBook, ReceiptWriter } from "../../migration/engine/receipts";
import type { RowKey } from "../../migration/engine/row";

/** Any UTF-16 units, lone surrogates and U+FFFF among them. */
const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 });
const text = units.map((all) => String.fromCharCode(...all));
const small = fc.integer({ min: 0, max: 60 });
const key = fc.record({ partitionKey: text, rowKey: text });

function written(fill: (writer: ReceiptWriter) => void): ReceiptBook {
  const writer = new ReceiptWriter(1);
  fill(writer);
  return new ReceiptBook(writer.bytes());
}

/** As journals had them before: SHA-256, cut to eight bytes. */
function ofOld(tag: 1 | 2, { partitionKey, rowKey }: RowKey, what: string): Uint8Array {
  const eight = (of: string) => hash("sha256", of, "buffer").subarray(0, 8);
  return Buffer.concat([Buffer.of(tag), eight(JSON.stringify([partitionKey, rowKey])), eight(what)]);
}

describe("receipts", () => {
  it("recognise a row by key and version, and nothing else", () => {
    fc.assert(
      fc.property(key, text, text, (row, version, other) => {
        const book = written((writer) => writer.version(row, version));
        expect(book.standing({ ...row, version, digest: 1n })).toBe("asLeft");
        if (other !== version) expect(book.standing({ ...row, version: other, digest: 1n })).toBe("changed");
        expect(book.standing({ ...row, rowKey: `${row.rowKey}x`, version, digest: 1n })).toBe("unrecorded");
      }),
    );
  });

  it("recognise by content what a killed run was about to write, beside what was there before", () => {
    const row = { partitionKey: "p", rowKey: "r" };
    const book = written((writer) => {
      writer.version(row, "v1");
      writer.content(row, 77n);
    });
    expect(book.standing({ ...row, version: "v1", digest: 5n })).toBe("asLeft");
    expect(book.standing({ ...row, version: "v2", digest: 77n })).toBe("asLeft");
    expect(book.standing({ ...row, version: "v2", digest: 78n })).toBe("changed");
  });

  it("keep keys apart whose parts run together", () => {
    const book = written((writer) => writer.version({ partitionKey: "ab", rowKey: "c" }, "v"));
    expect(book.standing({ partitionKey: "a", rowKey: "bc", version: "v", digest: 0n })).toBe("unrecorded");
  });

  it("are found whatever rows came in, went away or are asked for twice or out of order", () => {
    fc.assert(
      fc.property(fc.uniqueArray(small), fc.array(small), (held, asked) => {
        const rowAt = (at: number) => ({ partitionKey: `p${at % 3}`, rowKey: String(at) });
        const book = written((writer) => held.forEach((at) => writer.version(rowAt(at), `v${at}`)));
        for (const at of [...asked, ...held, ...asked]) {
          const standing = held.includes(at) ? "asLeft" : "unrecorded";
          expect(book.standing({ ...rowAt(at), version: `v${at}`, digest: 0n })).toBe(standing);
          expect(book.of(rowAt(at))).toHaveLength(held.includes(at) ? 1 : 0);
        }
      }),
    );
  });

  it("of journals with SHA-256 are understood, beside new ones, and carried over as they are", () => {
    const row = { partitionKey: "p", rowKey: "r" };
    const left = ofOld(1, row, "v1");
    const meant = ofOld(2, row, (77n).toString(16));
    const book = written((writer) => {
      writer.keep([left, meant]);
      writer.version({ partitionKey: "p", rowKey: "s" }, "v3");
    });
    expect(book.of(row).map((entry) => [...entry])).toEqual([[...left], [...meant]]);
    expect(book.standing({ ...row, version: "v1", digest: 5n })).toBe("asLeft");
    expect(book.standing({ ...row, version: "v2", digest: 77n })).toBe("asLeft");
    expect(book.standing({ ...row, version: "v2", digest: 78n })).toBe("changed");
    expect(book.standing({ partitionKey: "p", rowKey: "s", version: "v3", digest: 0n })).toBe("asLeft");
    expect(book.standing({ partitionKey: "p", rowKey: "t", version: "v3", digest: 0n })).toBe("unrecorded");
  });

  it("with a tag of a later release never call a row ours", () => {
    const row = { partitionKey: "p", rowKey: "r" };
    const writer = new ReceiptWriter(1);
    writer.version(row, "v1");
    const packed = Buffer.from(writer.bytes());
    packed[0] = 9;
    expect(new ReceiptBook(packed).standing({ ...row, version: "v1", digest: 0n })).toBe("changed");
  });

  it("refuse a torn record", () => {
    expect(() => new ReceiptBook(new Uint8Array(18))).toThrow("18 bytes");
  });
});

describe("the hash of receipts", () => {
  it("has no two keys alike among many that differ little", () => {
    const seen = new Set<string>();
    const hasher = new Hash64();
    let count = 0;
    const see = (...parts: readonly string[]) => {
      hasher.start();
      for (const part of parts) hasher.add(part);
      seen.add(`${hasher.high} ${hasher.low}`);
      count += 1;
    };
    for (let at = 0; at < 100_000; at += 1) see("customer", String(at));
    for (let a = 0; a < 200; a += 1) for (let b = 0; b < 200; b += 1) see(String.fromCharCode(0xd700 + a, b), "");
    for (let at = 0; at < 2_000; at += 1) see("\u0000".repeat(at));
    for (let at = 1; at < 2_000; at += 1) see("", "\u0000".repeat(at));
    expect(seen.size).toBe(count);
  });

  it("spreads: half of the bits change with any one bit of the text", () => {
    const ones = (n: number) => n.toString(2).replaceAll("0", "").length;
    const base = "partition-000123";
    const from = new Hash64().start().add(base);
    let changed = 0;
    for (let bit = 0; bit < 16 * base.length; bit += 1) {
      const units = [...base].map((unit) => unit.charCodeAt(0));
      units[bit >> 4] = (units[bit >> 4] as number) ^ (1 << (bit & 15));
      const other = new Hash64().start().add(String.fromCharCode(...units));
      const distance = ones((from.high ^ other.high) >>> 0) + ones((from.low ^ other.low) >>> 0);
      expect(distance).toBeGreaterThan(12);
      changed += distance;
    }
    expect(changed / (16 * base.length)).toBeGreaterThan(30);
  });
});
