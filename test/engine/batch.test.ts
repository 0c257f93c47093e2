import fc from "fast-check";

import { cutBatches } from "../../migration/engine/batch";
import type { WriteOperation } from "../../migration/engine/store";

const limits = { batchRowsMax: 5, batchBytesMax: 1_000, batchOnePartition: true };
const wireBytes = (operation: WriteOperation) => operation.body?.length ?? 10;

const change = fc
  .record({ partition: fc.constantFrom("a", "b", "c"), bytes: fc.integer({ min: 1, max: 1_200 }) })
  .map(({ partition, bytes }) => ({
    operation: { kind: "insert" as const, key: { partitionKey: partition, rowKey: "" }, body: new Uint8Array(bytes) },
  }));

describe("cutting batches", () => {
  it("keeps every change once and in order, within rows, bytes and one partition", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), fc.boolean(), (changes, onePartition) => {
        const store = { limits: { ...limits, batchOnePartition: onePartition }, wireBytes };
        const batches = cutBatches(store, changes);
        expect(batches.flat()).toEqual(changes);
        for (const batch of batches) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(limits.batchRowsMax);
          const bytes = batch.reduce((sum, { operation }) => sum + wireBytes(operation), 0);
          // One that is too large for any batch goes alone, so that the service can say so.
          if (batch.length > 1) expect(bytes).toBeLessThanOrEqual(limits.batchBytesMax);
          if (onePartition) expect(new Set(batch.map(({ operation }) => operation.key.partitionKey)).size).toBe(1);
        }
      }),
    );
  });

  it("fills a batch as far as it goes", () => {
    const operation = { kind: "insert" as const, key: { partitionKey: "a", rowKey: "" }, body: new Uint8Array(10) };
    const changes = Array.from({ length: 11 }, () => ({ operation }));
    expect(cutBatches({ limits, wireBytes }, changes).map((batch) => batch.length)).toEqual([5, 5, 1]);
  });
});
