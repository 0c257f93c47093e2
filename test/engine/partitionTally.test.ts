import { PartitionTally } from "../../migration/engine/partitionTally";
import type { Row } from "../../migration/engine/row";
import { cosmosCapacity } from "../../migration/stores/azureTables/cosmosCapacity";

const GB = 1024 ** 3;

function row(partitionKey: string, rowKey: string, bytes = 0): Row {
  return { partitionKey, rowKey, body: Buffer.alloc(bytes), modified: 0n, version: "", digest: 0n } as unknown as Row;
}

/** Rows as large as their row key says, in GB: nobody has 20 GB of memory to spare. */
const rules = { ...cosmosCapacity, rowBytes: ({ rowKey }: Row) => Number(rowKey) * GB };

function findings(rows: readonly Row[], ordered = true) {
  const tally = new PartitionTally(rules, ordered);
  for (const each of rows) tally.add(each);
  return tally.findings("Cities");
}

describe("what a table will take in Cosmos DB", () => {
  test("a point read of 1 KB takes 1 RU, a write 5; of 100 KB 10 and 50, as Microsoft's examples have it", () => {
    const { readUnits, writeUnits } = cosmosCapacity;
    expect([readUnits(1024), readUnits(102_400), writeUnits(1024), writeUnits(102_400)]).toEqual([1, 10, 5, 50]);
    expect([readUnits(10), writeUnits(10)]).toEqual([1, 5]);
  });

  test("a row takes its body, its keys and what the document adds", () => {
    expect(cosmosCapacity.rowBytes(row("DE", "1", 100))).toBe(300 + 100 + 3);
  });

  test("a partition that is too large is an error that names it, the first row past the limit and a remedy", () => {
    const [found] = findings(
      [row("A", "1"), row("B", "12"), row("B", "8"), row("B", "3"), row("B", "4"), row("C", "1")],
    );
    expect(found).toMatchObject({ severity: "error", code: "PartitionTooLarge", table: "Cities" });
    expect(found?.message).toMatch(/partition "B" takes about 27\.00 GB, and at most 20\.00 GB/);
    expect(found?.message).toMatch(/row \("B", "3"\) is the first that does not\. Spread its rows/);
  });

  test("a partition that is nearly full is a warning, and one that is not is not mentioned", () => {
    expect(findings([row("A", "17")])[0]).toMatchObject({ severity: "warning", code: "PartitionNearlyFull" });
    expect(findings([row("A", "15"), row("B", "15")])).toEqual([]);
  });

  test("partitions of a source without an order are not judged by pieces", () => {
    expect(findings([row("A", "30")], false)).toEqual([]);
  });
});
