import { OperationalError } from "../../../migration/engine/errors";
import { JOURNAL_TABLE } from "../../../migration/engine/journal";
import type { Store, WriteOperation } from "../../../migration/engine/store";
import { memoryStore } from "../../../migration/stores/memory";
import { hooked, keyAt, TABLE, World } from "../world";
import { SyncWorld } from "./world";

const APPLICATIONS = { partitionKey: "z", rowKey: "the application's" };

/** A destination that refuses one row for what it is, as Cosmos DB does one with a property named `id`. */
function refusing(store: Store, rowKey: string): Store {
  const error = new OperationalError({ code: "PropertyNameReserved", message: "id is the service's: rename it." });
  return new Proxy(store, {
    get: (target, name) => name !== "write" ? Reflect.get(target, name)
      : async (table: string, operations: readonly WriteOperation[]) => {
        const failedIndex = operations.findIndex(({ key }) => key.rowKey === rowKey);
        if (table === TABLE && failedIndex >= 0) return { committed: false, reason: "invalid", failedIndex, error };
        return target.write(table, operations);
      },
  });
}

describe.each([
  ["two stores with an order", false, false],
  ["a destination without an order", true, false],
  ["two stores without an order", true, true],
])("rows that landbridge did not leave in the destination, with %s", (_, unorderedDestination, isUnordered) => {
  beforeEach(() => {
    World.unorderedDestination = unorderedDestination;
    World.unorderedSource = isUnordered;
  });
  afterEach(() => {
    World.unorderedDestination = false;
    World.unorderedSource = false;
  });

  it("stay where an application moved before the switch, and hold the switch up", async () => {
    const world = new SyncWorld();
    await world.seed(6);
    await world.phase("sync");
    await world.put(world.destination, APPLICATIONS, { population: 1 });
    const refused = await world.phase("switched");
    expect(refused).toMatchObject({ verdict: "different", deleted: 0, conflicts: 1, error: { code: "SwitchRefused" } });
    expect(world.differences).toMatchObject([{ class: "conflict", ...APPLICATIONS, reason: expect.anything() }]);
    expect(await world.row(world.destination, APPLICATIONS)).toEqual({ population: 1 });
    // Whoever says so gets them overwritten, which for a row without a source is its deletion.
    expect(await world.phase("switched", { settings: { conflicts: "overwrite" } })).toMatchObject({ deleted: 1 });
    expect(await world.row(world.destination, APPLICATIONS)).toBeUndefined();
  });

  it("stay where the journal of a switched table was lost and somebody begins anew", async () => {
    const world = new SyncWorld();
    await world.switched(6);
    await world.put(world.destination, APPLICATIONS, { population: 1 });
    await world.put(world.destination, keyAt(1), { population: 99 });
    const journal = memoryStore({ name: "journal", now: () => world.clock.now() });
    const destination = new Proxy(world.destination, {
      get: (target, name) => {
        const value = Reflect.get(target, name) as unknown;
        if (typeof value !== "function") return value;
        return (table: unknown, ...rest: unknown[]) => {
          const at = table === JOURNAL_TABLE ? journal : target;
          return (Reflect.get(at, name) as (...all: unknown[]) => unknown).call(at, table, ...rest);
        };
      },
    });
    await expect(world.sync("switched", { destination })).rejects.toMatchObject({
      code: "PhaseMove", message: expect.stringContaining("its journal is lost"),
    });
    const begun = await world.phase("sync", { destination });
    expect(begun).toMatchObject({ verdict: "different", conflicts: 2, deleted: 0 });
    expect(await world.row(world.destination, APPLICATIONS)).toEqual({ population: 1 });
    expect(await world.row(world.destination, keyAt(1))).toEqual({ population: 99 });
  });

  it("are named where they are to be reported, and the switch is not said to be a clean one", async () => {
    const world = new SyncWorld();
    await world.seed(6);
    const report = { settings: { deletes: "report" as const } };
    await world.phase("sync", report);
    await world.put(world.destination, APPLICATIONS, { population: 1 });
    await world.remove(world.source, keyAt(1));
    const told = await world.phase("sync", { ...report, sync: { reconcile: true } });
    expect(told).toMatchObject({ verdict: "different", extra: 2, conflicts: 0, deleted: 0 });
    expect(world.differences.map(({ rowKey }) => rowKey).sort()).toEqual([keyAt(1).rowKey, APPLICATIONS.rowKey].sort());
    const switched = await world.phase("switched", report);
    expect(switched).toMatchObject({ verdict: "different", extra: 2, sync: { phase: "switched" } });
  });

  it("are told of by every run until somebody decides, not only by the one that passed over both sides", async () => {
    const world = new SyncWorld();
    await world.seed(6);
    // Long ago: a backfill does not look at the row again.
    world.clock.advance(3_600_000);
    await world.phase("sync");
    world.clock.advance(3_600_000);
    await world.put(world.destination, keyAt(1), { population: 99 });
    const told = { verdict: "different", conflicts: 1 };
    expect(await world.phase("sync", { sync: { reconcile: true } })).toMatchObject(told);
    expect(await world.phase("sync")).toMatchObject(told);
    await world.put(world.destination, keyAt(1), { population: 1, name: "city 1" });
    expect(await world.phase("sync")).toMatchObject({ verdict: "synced", conflicts: 0 });
    if (!isUnordered) expect((await world.phase("sync")).sync?.work).toBe("backfill");
  });

  it("are told of by every run after the switch, where the source deleted the row meanwhile", async () => {
    const world = new SyncWorld();
    await world.switched(6);
    await world.put(world.destination, keyAt(1), { population: 99 });
    await world.remove(world.source, keyAt(1));
    expect(await world.phase("switched", { sync: { reconcile: true } })).toMatchObject({ conflicts: 1 });
    expect(await world.phase("switched")).toMatchObject({ verdict: "different", conflicts: 1 });
    const late = await world.phase("switched", { sync: { lateConflicts: "destination-wins" } });
    expect(late).toMatchObject({ verdict: "synced", conflicts: 0 });
    expect(await world.row(world.destination, keyAt(1))).toEqual({ population: 99 });
  });

  it("are not those that a first copy wrote before it was killed, and that the source deleted since", async () => {
    for (let nth = 1; ; nth += 1) {
      const world = new SyncWorld();
      await world.seed(9);
      let writes = 0;
      const destination = hooked(world.destination, {
        after: (method, [table]) => {
          if (method !== "write") return;
          if (table === TABLE) writes += 1;
          if (writes >= nth) throw new Error("killed");
        },
      });
      const finished = await world.phase("sync", { destination }).then(() => true, () => false);
      for (const at of [0, 4, 5]) await world.remove(world.source, keyAt(at));
      const again = await world.phase("sync", { sync: { reconcile: true } });
      expect({ nth, ...again }).toMatchObject({ nth, verdict: "synced", conflicts: 0 });
      expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
      expect(await world.phase("switched")).toMatchObject({ verdict: "synced", written: 0, deleted: 0 });
      if (finished) return;
    }
  });

  it("outlive a source that was emptied after the switch", async () => {
    const world = new SyncWorld();
    await world.source.createTable(TABLE);
    await world.seedInOnePartition(200);
    await world.phase("sync");
    await world.phase("switched");
    const rows = await world.texts(world.destination);
    for (let at = 0; at < 150; at += 1) {
      await world.remove(world.source, { partitionKey: "p", rowKey: String(at).padStart(6, "0") });
    }
    const drained = await world.phase("drained");
    expect(drained).toMatchObject({ verdict: "different", deleted: 0, error: { code: "SourceEmptied" } });
    expect(drained.error?.message).toContain("50 rows, and 150");
    expect(await world.texts(world.destination)).toEqual(rows);
    const kept = await world.phase("drained", { settings: { deletes: "accept" } });
    expect(kept).toMatchObject({ verdict: "synced", deleted: 0, sync: { phase: "drained" } });
    expect(await world.texts(world.destination)).toEqual(rows);
  });
});

describe("a live move", () => {
  it("names every row that the destination refuses, whichever pass met it", async () => {
    const world = new SyncWorld();
    await world.seed(6);
    const refused = { missing: 1, skipped: [{ reason: "PropertyNameReserved", count: 1 }] };
    const destination = refusing(world.destination, keyAt(2).rowKey);
    expect(await world.phase("sync", { destination })).toMatchObject({ verdict: "different", ...refused });
    expect(world.differences).toMatchObject([{ class: "missing", ...keyAt(2), reason: expect.stringContaining("id") }]);
    await world.phase("sync");
    await world.put(world.source, keyAt(3), { population: 33 });
    const changed = await world.phase("sync", { destination: refusing(world.destination, keyAt(3).rowKey) });
    expect(changed).toMatchObject({ verdict: "different", missing: 0, different: 1, sync: { work: "backfill" } });
    expect(world.differences.at(-1)).toMatchObject({ class: "different", ...keyAt(3) });
    expect(await world.phase("switched")).toMatchObject({ verdict: "synced" });
    await world.put(world.source, keyAt(70), { population: 70 });
    const late = await world.phase("switched", { destination: refusing(world.destination, keyAt(70).rowKey) });
    expect(late).toMatchObject({ verdict: "different", ...refused });
    expect(world.differences.at(-1)).toMatchObject({ class: "missing", ...keyAt(70) });
  });

  it("passes over both sides where the source's clock went back: later changes may be stamped before the watermark",
    async () => {
      const world = new SyncWorld();
      let aheadMs = 3_600_000;
      const source = memoryStore({ name: "contoso", now: () => world.clock.now() + aheadMs });
      await source.createTable(TABLE);
      await world.put(source, keyAt(1), { population: 1 });
      await world.phase("sync", { source });
      aheadMs = 0;
      await world.put(source, keyAt(1), { population: 2 });
      const table = await world.phase("sync", { source });
      expect(table).toMatchObject({ verdict: "synced", written: 1, sync: { work: "reconcile" } });
      expect(table.sync?.notes.join()).toContain("clock went back");
      expect(await world.row(world.destination, keyAt(1))).toEqual({ population: 2 });
    });

  it("keeps a plain copy off all tables of a run where one is switched, before anything is written", async () => {
    const world = new SyncWorld();
    await world.switched(3);
    await world.source.createTable("Orders");
    const table = { table: TABLE, destinationTable: TABLE, renames: new Map(), mode: "replace" as const };
    const tables = [{ ...table, table: "Orders", destinationTable: "Orders" }, table];
    let writes = 0;
    const destination = hooked(world.destination, {
      before: (method) => void ((method === "write" || method === "createTable") && (writes += 1)),
    });
    await expect(world.copy({ destination, settings: { tables } })).rejects.toMatchObject({ code: "PhaseMove" });
    expect(writes).toBe(0);
  });
});
