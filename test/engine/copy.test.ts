import { OperationalError } from "../../migration/engine/errors";
import { JOURNAL_TABLE } from "../../migration/engine/journal";
import type { WriteOperation } from "../../migration/engine/store";
import { hooked, keyAt, only, TABLE, World } from "./world";

describe("a copy", () => {
  it("copies every row, byte for byte, and says equal with the same digest on both sides", async () => {
    const world = new World();
    await world.seed(250);
    const outcome = await world.copy();
    expect(outcome).toMatchObject({ verdict: "equal", began: true, stopped: false });
    const table = only(outcome);
    expect(table).toMatchObject({ verdict: "equal", written: 250, unchanged: 0, missing: 0, extra: 0, different: 0 });
    expect(table.source).toEqual(table.destination);
    expect(table.source.count).toBe(250);
    expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
  });

  it("writes nothing when nothing changed", async () => {
    const world = new World();
    await world.seed(50);
    await world.copy();
    const writes: string[] = [];
    const destination = hooked(world.destination, {
      before: (method, [table]) => void (method === "write" && writes.push(String(table))),
    });
    const outcome = await world.copy({ destination });
    expect(only(outcome)).toMatchObject({ verdict: "equal", written: 0, unchanged: 50 });
    expect(writes.filter((table) => table === TABLE)).toEqual([]);
  });

  it("moves only what changed: changed, added and, where told so, deleted rows", async () => {
    const world = new World();
    await world.seed(30);
    await world.copy();
    await world.put(world.source, keyAt(3), { population: -1 });
    await world.put(world.source, keyAt(100), { population: 100 });
    await world.remove(world.source, keyAt(4));
    const reported = only(await world.copy());
    expect(reported).toMatchObject({ verdict: "different", written: 2, unchanged: 28, deleted: 0, extra: 1 });
    const propagated = only(await world.copy({ settings: { deletes: "propagate" } }));
    expect(propagated).toMatchObject({ verdict: "equal", written: 0, deleted: 1, extra: 0 });
    expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
  });

  it("accepts rows that only the destination has, where told so", async () => {
    const world = new World();
    await world.seed(3);
    await world.put(world.destination, keyAt(50), { mine: true });
    expect(await world.copy()).toMatchObject({ verdict: "different" });
    const accepted = await world.copy({ settings: { deletes: "accept" } });
    expect(accepted.verdict).toBe("equal");
    expect(only(accepted)).toMatchObject({ extra: 1 });
  });

  it("merges: the source's properties are all there, and others stay", async () => {
    const world = new World();
    await world.seed(3);
    await world.put(world.destination, keyAt(1), { population: 7, mine: true });
    const options = { table: { mode: "merge" as const }, settings: { conflicts: "overwrite" as const } };
    expect(only(await world.copy(options))).toMatchObject({ verdict: "equal", written: 3 });
    const [, merged] = (await world.rows(world.destination)).filter(({ partitionKey }) => partitionKey === "country 1");
    expect(merged).toBeUndefined();
    const row = await world.destination.readRow(TABLE, keyAt(1));
    expect(JSON.parse(Buffer.from(row?.body ?? "").toString())).toMatchObject({ population: 1, mine: true });
    expect(only(await world.copy(options))).toMatchObject({ verdict: "equal", written: 0, unchanged: 3 });
  });

  it("renames tables and properties, and compares with the renames undone", async () => {
    const world = new World();
    await world.seed(5);
    const options = { table: { destinationTable: "Towns", renames: new Map([["population", "inhabitants"]]) } };
    expect(only(await world.copy(options))).toMatchObject({ verdict: "equal", written: 5 });
    const [first] = await world.rows(world.destination, "Towns");
    expect(Object.keys(JSON.parse(Buffer.from(first?.body ?? "").toString()))).toContain("inhabitants");
  });

  it("reports a row that the service refuses, copies the others, and does not say equal", async () => {
    const world = new World();
    await world.seed(40);
    const refused = keyAt(5);
    const destination = hooked(world.destination, {});
    const write = destination.write.bind(destination);
    const picky = new Proxy(destination, {
      get: (target, name) =>
        name !== "write"
          ? Reflect.get(target, name)
          : async (table: string, operations: readonly WriteOperation[]) => {
              const index = operations.findIndex(({ key }) => key.rowKey === refused.rowKey);
              const error = new OperationalError({ code: "EntityTooLarge", message: "too large", status: 400 });
              // Where the service does not name the row, the batch is halved until it is found.
              const failedIndex = operations.length === 1 ? 0 : undefined;
              if (table === TABLE && index >= 0) return { committed: false, reason: "invalid", failedIndex, error };
              return write(table, operations);
            },
    });
    const table = only(await world.copy({ destination: picky }));
    expect(table).toMatchObject({ verdict: "different", written: 39, missing: 1 });
    expect(table.skipped).toEqual([{ reason: "EntityTooLarge", count: 1 }]);
    expect(table.samples).toMatchObject([{ class: "missing", ...refused }]);
  });

  it("leaves the proof to others where told so, and then never says equal", async () => {
    const world = new World();
    await world.seed(20);
    const reads: string[] = [];
    const source = hooked(world.source, {
      before: (method, [, request]) => {
        if (method === "readPage" && (request as { rowsMax?: number }).rowsMax !== 1) reads.push(method);
      },
    });
    const outcome = await world.copy({ source, settings: { level: "none" } });
    expect(outcome).toMatchObject({ verdict: "incomplete", level: "none" });
    expect(only(outcome)).toMatchObject({ verdict: "incomplete", written: 20 });
    expect(only(outcome).error).toBeUndefined();
    // Without an order a second reading takes what the first one found to differ.
    expect(reads).toHaveLength(world.source.ordered ? 1 : 2);
    await world.put(world.destination, keyAt(3), { tampered: true });
    expect(await world.copy({ settings: { level: "none" } })).toMatchObject({ verdict: "different" });
    expect((await world.verify()).verdict).toBe("different");
  });

  it("plans without writing a thing, the journal included", async () => {
    const world = new World();
    await world.seed(20);
    const dry = await world.copy({ settings: { dryRun: true } });
    expect(dry).toMatchObject({ verdict: "different", began: false, dryRun: true });
    expect(only(dry)).toMatchObject({ written: 20 });
    expect(await world.destination.listTables()).toEqual([]);
    await world.copy();
    await world.put(world.source, keyAt(3), { population: -1 });
    await world.remove(world.source, keyAt(4));
    await world.put(world.destination, keyAt(5), { tampered: true });
    const before = await world.rows(world.destination, JOURNAL_TABLE);
    const pending = only(await world.copy({ settings: { dryRun: true, deletes: "propagate" } }));
    expect(pending).toMatchObject({ written: 1, deleted: 1, conflicts: 1, unchanged: 17 });
    expect(await world.rows(world.destination, JOURNAL_TABLE)).toEqual(before);
  });

  it("leaves one table's failure to that table, and says which and why", async () => {
    const world = new World();
    await world.seed(5);
    const settings = world.settings().tables[0];
    const tables = settings ? [{ ...settings, table: "Absent", destinationTable: "Absent" }, settings] : [];
    const outcome = await world.copy({ settings: { tables } });
    expect(outcome.verdict).toBe("incomplete");
    expect(outcome.tables[0]).toMatchObject({ verdict: "incomplete", error: { code: "TableNotFound" } });
    expect(outcome.tables[1]).toMatchObject({ verdict: "equal", written: 5 });
    expect(await world.destination.tableExists("Absent")).toBe(false);
  });
});
