import fc from "fast-check";

import { intentOf, packReceipts, ReceiptBook, receiptOf } from "../../migration/engine/receipts";

const key = fc.record({ partitionKey: fc.string(), rowKey: fc.string() });

describe("receipts", () => {
  it("recognise a row by key and version, and nothing else", () => {
    fc.assert(
      fc.property(key, fc.string(), fc.string(), (row, version, other) => {
        const book = new ReceiptBook(packReceipts([receiptOf(row, version)]));
        expect(book.standing({ ...row, version, digest: 1n })).toBe("asLeft");
        if (other !== version) expect(book.standing({ ...row, version: other, digest: 1n })).toBe("changed");
        expect(book.standing({ ...row, rowKey: `${row.rowKey}x`, version, digest: 1n })).toBe("unrecorded");
      }),
    );
  });

  it("recognise by content what a killed run was about to write, beside what was there before", () => {
    const row = { partitionKey: "p", rowKey: "r" };
    const book = new ReceiptBook(packReceipts([receiptOf(row, "v1"), intentOf(row, 77n)]));
    expect(book.standing({ ...row, version: "v1", digest: 5n })).toBe("asLeft");
    expect(book.standing({ ...row, version: "v2", digest: 77n })).toBe("asLeft");
    expect(book.standing({ ...row, version: "v2", digest: 78n })).toBe("changed");
  });

  it("keep keys apart whose parts run together", () => {
    const book = new ReceiptBook(packReceipts([receiptOf({ partitionKey: "ab", rowKey: "c" }, "v")]));
    expect(book.standing({ partitionKey: "a", rowKey: "bc", version: "v", digest: 0n })).toBe("unrecorded");
  });

  it("refuse a torn record", () => {
    expect(() => new ReceiptBook(new Uint8Array(18))).toThrow("18 bytes");
  });
});
