import { SimulatedTableService } from "../../test/simulated";
import { compareTables } from "../../bench/compare";
import { shareUntilLastTenth, unevenSizes } from "../../bench/parts/budgets";
import { entityJson, keyOf, SHAPES } from "../../bench/rows";
import { median, spread } from "../../bench/statistics";

describe("the numbers of the bench", () => {
  it("takes the middle, and the mean of the two in the middle", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(spread([5, 9, 7])).toEqual({ median: 7, min: 5, max: 9 });
  });

  it.each(SHAPES)("makes %s rows in key order, of about 700 bytes, half of them with escapes", (shape) => {
    const keys = Array.from({ length: 3_000 }, (_, n) => keyOf(shape, n).join("\u0000"));
    expect([...keys].sort()).toEqual(keys);
    expect(new Set(keys).size).toBe(3_000);
    const service = new SimulatedTableService({ accounts: [{ name: "source" }] });
    service.account("source").seedJson("Rows", Array.from({ length: 1_000 }, (_, n) => entityJson(shape, n)));
    const wire = service.account("source").wireRows("Rows");
    const bytes = wire.reduce((sum, row) => sum + row.length, 0) / wire.length;
    expect(bytes).toBeGreaterThan(650);
    expect(bytes).toBeLessThan(750);
    expect(wire.filter((row) => row.includes("\\n")).length).toBe(500);
    expect(service.account("source").rows("Rows")[0]?.properties.size).toBe(10);
  });

  it("counts rows that are missing or say something else, and not those with another time", () => {
    const service = new SimulatedTableService({ accounts: [{ name: "source" }, { name: "other" }] });
    const [source, other] = [service.account("source"), service.account("other")];
    const row = (key: string, members: string) => `{"PartitionKey":"p","RowKey":"${key}",${members}}`;
    const rows = [row("1", '"a":1,"b":"x"'), row("2", '"a":1'), row("3", '"a":1.0'), row("4", '"a":1')];
    source.seedJson("Rows", [...rows, row("9", '"a":1')]);
    // Another order of properties, a value, a type, a property more.
    other.seedJson("Rows", [
      row("1", '"b":"x","a":1'), row("2", '"a":2'), row("3", '"a":1'), row("4", '"a":1,"b":1'), row("5", '"a":1'),
    ]);
    expect(compareTables(source, other, "Rows", 4)).toEqual({ arrived: 5, missing: 0, altered: 3 });
    expect(compareTables(source, other, "Rows", 5)).toEqual({ arrived: 5, missing: 1, altered: 3 });
    expect(compareTables(source, source, "Rows", 5)).toEqual({ arrived: 5, missing: 0, altered: 0 });
  });

  it("cuts uneven tables that add up, the largest a hundred times the smallest and more", () => {
    const sizes = unevenSizes(300_000);
    expect(sizes).toHaveLength(50);
    expect(Math.abs(sizes.reduce((sum, size) => sum + size, 0) - 300_000)).toBeLessThan(50);
    expect((sizes[0] ?? 0) / (sizes[49] ?? 1)).toBeGreaterThan(45);
  });

  it("counts seconds in which nothing came in as unused, and leaves out the first and the last tenth", () => {
    const second = (at: number, rows: number) => ({ second: at, rows, refusals: 0 });
    expect(shareUntilLastTenth([second(10, 7), second(11, 100), second(12, 100), second(13, 50)], 100)).toBe(1);
    // Second 12 is missing: nobody came.
    expect(shareUntilLastTenth([second(10, 7), second(11, 100), second(13, 100), second(14, 9)], 100)).toBe(0.5);
    // The tail after nine tenths does not count.
    const tail = [second(1, 50), second(2, 90), second(3, 90), second(4, 90), second(5, 3), second(6, 3)];
    expect(shareUntilLastTenth(tail, 100)).toBe(0.9);
  });
});
