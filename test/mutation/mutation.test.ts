import type { PropertyDifference, RowFormat } from "../../migration/engine/rowFormat";
import { azureTablesFormat } from "../../migration/stores/azureTables";
import { attack, type AttackOptions, failuresOf } from "./attack";
import { KINDS } from "./kinds";
import { RESPELLINGS } from "./kinds/respellings";
import { total } from "./tally";

const SEED = 20_260_101;
const FEW: AttackOptions = { seed: SEED, mutations: 100, respellings: 0, rounds: 0, cheaper: 0 };

/** A format that overlooks what `blind` says. */
function overlooking(blind: (difference: PropertyDifference) => boolean): RowFormat {
  return {
    ...azureTablesFormat,
    differences: (source, destination, mode) =>
      azureTablesFormat.differences(source, destination, mode).filter((one) => !blind(one)),
  };
}

describe("verification under attack", () => {
  it("finds and locates every one of a thousand mutations, and none that is not there", async () => {
    const result = await attack({ seed: SEED, mutations: 1_000, respellings: 120, rounds: 60, cheaper: 30 });
    expect(failuresOf(result)).toEqual([]);
    expect(total(result.single.all, "")).toMatchObject({ tried: 1_000, found: 1_000, located: 1_000, falseAlarms: 0 });
    expect(total(result.respelt.all, "")).toMatchObject({ tried: 120, found: 120, falseAlarms: 0 });
    expect(total(result.several.all, "")).toMatchObject({ tried: 60, found: 60, located: 60 });
    // No kind is there for show: each was tried.
    expect(KINDS.map(({ name }) => name).filter((name) => (result.single.line(name)?.tried ?? 0) === 0)).toEqual([]);
    expect(RESPELLINGS.filter(({ name }) => (result.respelt.line(name)?.tried ?? 0) === 0)).toEqual([]);
    const levels = Object.fromEntries(result.levels.map((level) => [level.name, level]));
    // Cheaper levels miss values, and say so: what they miss is what they did not read.
    expect(levels["count"]).toMatchObject({ valuesFound: 0, lies: [] });
    expect(levels["sample of half the rows"]?.valuesFound).toBeLessThan(levels["sample of half the rows"]?.values ?? 0);
    expect(levels["sample of all rows"]?.valuesFound).toBe(levels["sample of all rows"]?.values);
  }, 120_000);

  it.each([
    ["types", "Int32 to Int64", overlooking(({ source, destination }) => source?.value === destination?.value)],
    ["the sign of zero", "Double: sign of zero", overlooking(({ source, destination }) =>
      Number(source?.value || NaN) === 0 && Number(destination?.value || NaN) === 0)],
    ["what a Number cannot hold", "Int64: one off beyond 2^53", overlooking(({ source, destination }) =>
      source?.type === destination?.type && source?.value !== "" &&
      Number(source?.value) === Number(destination?.value))],
    ["blanks at the end", "String: a blank at the end", overlooking(({ source, destination }) =>
      source?.value.trimEnd() === destination?.value.trimEnd())],
    ["Unicode normal forms", "String: Unicode normal form", overlooking(({ source, destination }) =>
      source?.value.normalize("NFC") === destination?.value.normalize("NFC"))],
    ["properties that one side lacks", "a property more", overlooking(({ source, destination }) =>
      source === undefined || destination === undefined)],
  ])("catches a comparison that overlooks %s", async (_what, kind, format) => {
    const result = await attack({ ...FEW, format });
    const line = result.single.line(kind);
    expect(line?.tried).toBeGreaterThan(0);
    expect(line?.located).toBeLessThan(line?.tried ?? 0);
  });

  it("catches a comparison that calls another spelling a difference", async () => {
    const format: RowFormat = {
      ...azureTablesFormat,
      differences: (source, destination, mode) => (Buffer.compare(source.body, destination.body) === 0
        ? azureTablesFormat.differences(source, destination, mode) : [{ name: "body" }]),
    };
    const result = await attack({ ...FEW, mutations: 0, respellings: RESPELLINGS.length, format });
    expect(total(result.respelt.all, "").falseAlarms).toBeGreaterThan(0);
  });

  it("catches a comparison that makes a difference up", async () => {
    const format: RowFormat = {
      ...azureTablesFormat,
      differences: (source, destination, mode) =>
        [...azureTablesFormat.differences(source, destination, mode), { name: "madeUp" }],
    };
    const result = await attack({ ...FEW, mutations: 20, format });
    expect(total(result.single.all, "").falseAlarms).toBeGreaterThan(0);
  });
});
