import fc from "fast-check";

import { OperationalError } from "../../migration/engine/errors";
import { JOURNAL_TABLE } from "../../migration/engine/journal";
import type { TableOverride, TableSelection } from "../../migration/run/request";
import { selectTables } from "../../migration/run/selectTables";

const selection = (changes: Partial<TableSelection> = {}): TableSelection => ({
  names: ["Cities", "Orders"], mode: "replace", overrides: [], ...changes,
});

function refusal(changes: Partial<TableSelection>, deletes: "report" | "propagate" = "report"): OperationalError {
  try {
    selectTables(selection(changes), deletes, ["Cities"]);
  } catch (error) {
    if (error instanceof OperationalError) return error;
    throw error;
  }
  throw new Error("The selection was accepted.");
}

const renaming = (...pairs: readonly (readonly [string, string])[]): readonly TableOverride[] =>
  [{ table: "Cities", renames: pairs.map(([from, to]) => ({ from, to })) }];

describe("tables of a run", () => {
  it("keep their order and names, and take what is said of all or of one", () => {
    const overrides = [{ table: "Orders", destinationTable: "Archive", mode: "merge" as const, filter: "" }];
    expect(selectTables(selection({ filter: "RowKey gt 'a'", overrides }), "report", [])).toEqual([
      { table: "Cities", destinationTable: "Cities", renames: new Map(), mode: "replace", filter: "RowKey gt 'a'" },
      { table: "Orders", destinationTable: "Archive", renames: new Map(), mode: "merge" },
    ]);
  });

  it("are all that the source lists, but for our journal", () => {
    const all = selectTables(selection({ names: "all" }), "report", ["A1x", JOURNAL_TABLE.toUpperCase(), "B2x"]);
    expect(all.map(({ table }) => table)).toEqual(["A1x", "B2x"]);
  });

  it("may swap the names of two properties, and of two tables", () => {
    const [cities] = selectTables(selection({ overrides: renaming(["a", "b"], ["b", "a"], ["c", "c"]) }), "report", []);
    expect(cities?.renames).toEqual(new Map([["a", "b"], ["b", "a"]]));
    const swapped = [{ table: "Cities", destinationTable: "Orders" }, { table: "Orders", destinationTable: "Cities" }];
    expect(selectTables(selection({ overrides: swapped }), "report", []).map((one) => one.destinationTable))
      .toEqual(["Orders", "Cities"]);
  });

  const refused: readonly (readonly [string, Partial<TableSelection>, string, RegExp])[] = [
    ["no table", { names: [] }, "NoTables", /No table is named/],
    ["an empty source", { names: "all" }, "NoTables", /lists no table/],
    ["an empty name", { names: ["Cities", ""] }, "NoTables", /name is empty/],
    ["a table twice", { names: ["Cities", "cities"] }, "NoTables", /named twice/],
    ["our own journal", { names: [JOURNAL_TABLE] }, "NoTables", /own journal/],
    ["settings for a table that takes no part", { overrides: [{ table: "cities" }] }, "TableNotSelected",
      /"cities", which is not among the tables of this run: "Cities", "Orders"/],
    ["settings twice", { overrides: [{ table: "Cities" }, { table: "Cities" }] }, "TableNotSelected", /two sets/],
    ["two tables in one", { overrides: [{ table: "Cities", destinationTable: "orders" }] }, "RenameIllegal",
      /Tables Cities and Orders would both become Orders/],
    ["a table in our journal", { overrides: [{ table: "Cities", destinationTable: "LandbridgeJournal" }] },
      "RenameIllegal", /own journal/],
    ["two properties in one", { overrides: renaming(["a", "c"], ["b", "c"]) }, "RenameIllegal",
      /Cities\.a and Cities\.b would both become c/],
    ["one property in two", { overrides: renaming(["a", "b"], ["a", "c"]) }, "RenameIllegal", /renamed twice/],
    ["a rename onto one that keeps its name", { overrides: renaming(["a", "a"], ["b", "a"]) }, "RenameIllegal",
      /would both become a/],
    ["no name at all", { overrides: renaming(["a", ""]) }, "RenameIllegal", /cannot be a property's name/],
    ["a name that is too long", { overrides: renaming(["a", "b".repeat(256)]) }, "RenameIllegal", /cannot be/],
    ["the protocol's own names", { overrides: renaming(["a", "odata.etag"]) }, "RenameIllegal", /cannot be/],
    ...["PartitionKey", "RowKey", "Timestamp"].flatMap((name) => [
      [`renaming ${name}`, { overrides: renaming([name, "x"]) }, "RenameIllegal", /belongs to the service/] as const,
      [`renaming to ${name}`, { overrides: renaming(["x", name]) }, "RenameIllegal", /belongs to the service/] as const,
    ]),
  ];
  it.each(refused)("refuses %s", (_, changes, code, message) => {
    const deletes = "report";
    const listed = changes.names === "all" ? [] : ["Cities"];
    expect(() => selectTables(selection(changes), deletes, listed)).toThrow(message);
    if (changes.names !== "all") expect(refusal(changes).code).toBe(code);
  });

  it("refuses to delete what a filter only hides, whether the filter is of all or of one", () => {
    expect(refusal({ filter: "RowKey gt 'a'" }, "propagate").code).toBe("FilterWithPropagate");
    expect(refusal({ overrides: [{ table: "Orders", filter: "RowKey gt 'a'" }] }, "propagate").message)
      .toContain("Table Orders has a filter");
  });

  it("lets a user's own partitionKey, rowKey and __proto__ be renamed: names are case-sensitive and ordinary", () => {
    const [cities] = selectTables(
      selection({ overrides: renaming(["partitionKey", "__proto__"], ["constructor", "rowKey"]) }), "report", []);
    expect([...(cities?.renames ?? [])]).toEqual([["partitionKey", "__proto__"], ["constructor", "rowKey"]]);
  });

  it("accepts renames exactly when no two properties meet", () => {
    const name = fc.constantFrom("a", "b", "c", "d", "__proto__");
    fc.assert(fc.property(fc.array(fc.tuple(name, name), { maxLength: 5 }), (pairs) => {
      const distinct = (names: readonly string[]) => new Set(names).size === names.length;
      const bijective = distinct(pairs.map(([from]) => from)) && distinct(pairs.map(([, to]) => to));
      const select = () => selectTables(selection({ overrides: renaming(...pairs) }), "report", []);
      if (bijective) expect(select()[0]?.renames.size).toBe(pairs.filter(([from, to]) => from !== to).length);
      else expect(select).toThrow(OperationalError);
    }));
  });
});
