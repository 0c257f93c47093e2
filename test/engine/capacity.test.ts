import { CapacityTally } from "../../migration/engine/capacity";
import type { Row } from "../../migration/engine/row";
import { cosmosCapacity } from "../../migration/stores/azureTables/cosmosCapacity";

const GB = 1024 ** 3;

function row(partitionKey: string, rowKey: string, bytes = 0): Row {
  return { partitionKey, rowKey, body: Buffer.alloc(bytes), modified: 0n, version: "", digest: 0n } as unknown as Row;
}

/** Rows as large as their row key says, in GB: nobody has 20 GB of memory to spare. */
const rules = { ...cosmosCapacity, rowBytes: ({ rowKey }: Row) => Number(rowKey) * GB };

function findings(rows: readonly Row[], ordered = true) {
  const tally = new CapacityTally(rules, ordered);
  for (const each of rows) tally.add(each);
  return tally.findings("Cities", true, {});
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
    expect(findings([row("A", "15"), row("B", "15")]).map(({ code }) => code)).toEqual(["CapacityEstimate"]);
  });

  test("partitions of a source without an order are not judged by pieces", () => {
    expect(findings([row("A", "30")], false).map(({ code }) => code)).toEqual(["CapacityEstimate"]);
  });

  test("a price that is not known is said not to be, never taken for nothing", () => {
    const tally = new CapacityTally(cosmosCapacity, true);
    tally.add(row("A", "1", 1000));
    const text = (plan: object) => tally.findings("Cities", false, plan).at(-1)?.message ?? "";
    expect(text({})).toMatch(/at least 1 rows.*not known without a throughput.*that is not known, throughput not/);
    const rated = text({ copyThroughput: 1000, steadyThroughput: 1000 });
    expect(rated).toMatch(/cost is not known, since the price of throughput is not/);
    expect(rated).toMatch(/storage at a price that is not known, throughput at a price that is not known/);
    expect(text({}) + rated).not.toMatch(/\b0\.00\b(?! hours)/);
  });

  test("known prices give the copy's cost by whole hours and a month's by what autoscale may bill", () => {
    const tally = new CapacityTally({ ...rules, writeUnits: () => 3_600_000, readUnits: () => 0 }, true);
    tally.add(row("A", "10"));
    const plan = {
      copyThroughput: 2_000, steadyThroughput: 1_000, currency: "EUR",
      per100UnitsHour: 0.01, perGbMonth: 0.25, regions: 2,
    };
    const message = tally.findings("Cities", true, plan).at(-1)?.message;
    // Half an hour counts as one: 20 hundreds x 0.01 x 2 regions.
    expect(message).toContain("at 2000 RU/s about 0.50 hours; it costs about 0.40 EUR.");
    expect(message).toContain("storage 5.00 EUR, throughput 14.60 EUR to 146.00 EUR");
  });
});
