import { JOURNAL_TABLE } from "../../../migration/engine/journal";
import type { WriteOperation } from "../../../migration/engine/store";
import type { Phase, SyncRecord } from "../../../migration/engine/sync/syncRecord";
import { dying, hooked, keyAt, TABLE } from "../world";
import { SyncWorld } from "./world";

const MINUTE_MS = 60_000;

async function reach(phase: Phase): Promise<SyncWorld> {
  const world = new SyncWorld();
  await world.seed(6);
  for (const step of ["sync", "switched", "drained", "done"] as const) {
    expect(await world.phase(step)).toMatchObject({ verdict: "synced", sync: { phase: step } });
    if (step === phase) break;
  }
  return world;
}

describe("the phases of a live move", () => {
  it.each<[Phase, Phase]>([
    ["sync", "drained"], ["sync", "done"], ["switched", "sync"], ["switched", "done"], ["drained", "sync"],
    ["drained", "switched"], ["done", "sync"], ["done", "switched"], ["done", "drained"],
  ])("do not go from %s to %s: it is refused by the journal, and nothing is written", async (from, to) => {
    const world = await reach(from);
    let writes = 0;
    const destination = hooked(world.destination, { before: (method) => void (method === "write" && (writes += 1)) });
    await expect(world.sync(to, { destination })).rejects.toMatchObject({ code: "PhaseMove" });
    expect(writes).toBe(0);
    expect((await world.record())?.sync?.phase).toBe(from);
  });

  it.each<Phase>(["switched", "drained", "done"])("do not begin with %s", async (phase) => {
    const world = new SyncWorld();
    await world.seed(3);
    await world.copy();
    await expect(world.sync(phase)).rejects.toMatchObject({
      code: "PhaseMove", message: expect.stringContaining("Next comes \"sync\""),
    });
    expect((await world.record())?.sync).toBeUndefined();
  });

  it("say how to go back where going back is asked for", async () => {
    const world = await reach("switched");
    await expect(world.sync("sync")).rejects.toMatchObject({ message: expect.stringContaining("reverse sync") });
  });

  it.each<Phase>(["switched", "drained", "done"])("keep a plain copy off a table that is %s", async (phase) => {
    const world = await reach(phase);
    await world.put(world.destination, keyAt(1), { population: 99 });
    await expect(world.copy({ settings: { conflicts: "overwrite" } })).rejects.toMatchObject({ code: "PhaseMove" });
    const [table] = (await world.copy({ settings: { conflicts: "overwrite", dryRun: true } })).tables;
    expect(table).toMatchObject({ verdict: "incomplete", written: 0, error: { code: "PhaseMove" } });
    expect(await world.row(world.destination, keyAt(1))).toEqual({ population: 99 });
    // Comparing writes nothing, and stays allowed.
    expect((await world.verify()).verdict).toBe("different");
  });

  it("let a plain copy pass while in sync, and go on after it", async () => {
    const world = await reach("sync");
    await world.put(world.source, keyAt(1), { population: 11 });
    expect((await world.copy()).verdict).toBe("equal");
    expect((await world.record())?.sync?.phase).toBe("sync");
    expect(await world.phase("switched")).toMatchObject({ verdict: "synced" });
  });

  it("do not move while a table of the same run may not", async () => {
    const world = await reach("sync");
    await world.source.createTable("Orders");
    const table = { table: TABLE, destinationTable: TABLE, renames: new Map(), mode: "replace" as const };
    const tables = [table, { ...table, table: "Orders", destinationTable: "Orders" }];
    await expect(world.sync("switched", { settings: { tables } })).rejects.toMatchObject({
      code: "PhaseMove", message: expect.stringContaining("Orders"),
    });
    expect((await world.record())?.sync?.phase).toBe("sync");
  });

  it("hold mode, filter and renames still after the switch", async () => {
    const world = await reach("switched");
    const table = { renames: new Map([["population", "inhabitants"]]) };
    await expect(world.sync("switched", { table })).rejects.toMatchObject({ code: "PhaseMove" });
  });

  it("do not end in a switch while conflicts stand between both sides", async () => {
    const world = await reach("sync");
    await world.put(world.destination, keyAt(1), { population: 99 });
    const refused = await world.phase("switched");
    expect(refused).toMatchObject({ verdict: "different", conflicts: 1, error: { code: "SwitchRefused" } });
    expect((await world.record())?.sync?.phase).toBe("sync");
    const told = await world.phase("switched", { settings: { conflicts: "overwrite" } });
    expect(told).toMatchObject({ verdict: "synced", sync: { phase: "switched", movedFrom: "sync" } });
  });

  it("read both sides in full before the switch: deletions are carried over, and changes", async () => {
    const world = await reach("sync");
    await world.remove(world.source, keyAt(1));
    await world.put(world.source, keyAt(2), { population: 22 });
    expect(await world.phase("switched")).toMatchObject({ verdict: "synced", deleted: 1, written: 1 });
    expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
  });

  it.each(["before", "after"] as const)("survive a switch that is killed %s any one of its calls", async (when) => {
    for (let nth = 1; ; nth += 1) {
      const world = await reach("sync");
      await world.put(world.source, keyAt(1), { population: 11 });
      const { store: destination, isReached } = dying(world.destination, nth, when);
      const finished = await world.phase("switched", { destination }).then(() => true, () => false);
      const again = await world.phase("switched", { sync: { reconcile: true } });
      expect({ nth, ...again }).toMatchObject({ nth, verdict: "synced", conflicts: 0 });
      // Every row is frozen: what the application writes is never taken for landbridge's.
      await world.put(world.destination, keyAt(1), { population: 99 });
      await world.put(world.source, keyAt(1), { population: 12 });
      await world.put(world.source, keyAt(2), { population: 22 });
      expect(await world.phase("switched")).toMatchObject({ conflicts: 1, sync: { lateApplied: 1 } });
      if (finished && !isReached()) return;
    }
  });

  it("belong to whoever holds the lease: after a long sleep nothing is written over another's switch", async () => {
    const world = await reach("sync");
    let slept = false;
    let recorded: SyncRecord | undefined;
    let wake = (): void => undefined;
    const asleep = new Promise<void>((resolve) => (wake = resolve));
    const destination = hooked(world.destination, {
      before: async (method, [, operations]) => {
        // From then on no renewal goes out, and none tells that the lease is lost.
        const renews = method === "write" && (operations as WriteOperation[])[0]?.key.partitionKey === "lease";
        if (slept && renews) await asleep;
      },
      after: async (method, [table]) => {
        if (slept || method !== "write" || table !== JOURNAL_TABLE) return;
        const record = await world.record();
        if (record?.pass !== 2 || !record.complete) return;
        slept = true;
        world.clock.advance(MINUTE_MS);
        expect(await world.phase("switched", { runId: "another" })).toMatchObject({ verdict: "synced" });
        recorded = (await world.record())?.sync;
        setTimeout(wake, 200);
      },
    });
    const table = await world.phase("switched", { destination, runId: "sleeper" });
    expect(recorded?.phase).toBe("switched");
    expect(table).toMatchObject({ verdict: "incomplete", error: { code: "LeaseLost" } });
    expect((await world.record())?.sync).toEqual(recorded);
  });

  it("are over at the end: nothing is read or written any more, and that is said", async () => {
    const world = await reach("done");
    await world.put(world.source, keyAt(1), { population: 11 });
    let writes = 0;
    const destination = hooked(world.destination, {
      before: (method, [table]) => void (method === "write" && table !== JOURNAL_TABLE && (writes += 1)),
    });
    const table = await world.phase("done", { destination });
    expect(table).toMatchObject({ verdict: "synced", written: 0, sync: { phase: "done", work: "nothing" } });
    expect(table.sync?.notes.join()).toContain("over");
    expect(writes).toBe(0);
  });
});

describe("a source counts as drained", () => {
  it("only when nobody wrote for so long, by its own clock: the newest change is named", async () => {
    const world = await reach("switched");
    await world.put(world.source, keyAt(4), { population: 44 });
    const table = await world.phase("drained", { sync: { quietMinutes: 10 } });
    expect(table).toMatchObject({ verdict: "incomplete", error: { code: "SourceNotQuiet" } });
    expect(table.error?.message).toContain(keyAt(4).rowKey);
    // The late change itself was applied.
    expect(await world.row(world.destination, keyAt(4))).toEqual({ population: 44 });
    expect((await world.record())?.sync?.phase).toBe("switched");
  });

  it("only when two looks, far enough apart, showed the same: deletions leave no time", async () => {
    const world = await reach("switched");
    world.clock.advance(60 * MINUTE_MS);
    const sync = { quietMinutes: 10 };
    const first = await world.phase("drained", { sync });
    expect(first.error).toMatchObject({ code: "SourceNotQuiet", message: expect.stringContaining("first look") });
    world.clock.advance(9 * MINUTE_MS);
    expect((await world.phase("drained", { sync })).error).toMatchObject({ code: "SourceNotQuiet" });
    world.clock.advance(2 * MINUTE_MS);
    await world.remove(world.source, keyAt(1));
    const deleted = await world.phase("drained", { sync });
    expect(deleted.error).toMatchObject({ message: expect.stringContaining("6 rows then, 5 now") });
    world.clock.advance(11 * MINUTE_MS);
    const drained = await world.phase("drained", { sync });
    expect(drained).toMatchObject({ verdict: "synced", sync: { phase: "drained", evidence: { compared: 5 } } });
    expect(drained.sync?.evidence?.quietMs).toBeGreaterThanOrEqual(10 * MINUTE_MS);
  });

  it("only when no late change is undecided", async () => {
    const world = await reach("switched");
    await world.put(world.destination, keyAt(1), { population: 99 });
    await world.put(world.source, keyAt(1), { population: 11 });
    expect(await world.phase("drained")).toMatchObject({ conflicts: 1, error: { code: "DrainRefused" } });
    const table = await world.phase("drained", { sync: { lateConflicts: "destination-wins" } });
    const evidence = { compared: 5, changedSince: 1, goneSince: 0, different: 0 };
    expect(table).toMatchObject({ verdict: "synced", sync: { phase: "drained", evidence } });
  });

  it("only when the rows that nobody touched are equal, by reading both sides", async () => {
    const world = await reach("switched");
    await world.put(world.destination, keyAt(2), { population: 98 });
    await world.remove(world.destination, keyAt(3));
    // A destination that lost a value without changing the version: no service does, and nothing is taken on trust.
    const destination = hooked(world.destination, {});
    const lossy = new Proxy(destination, {
      get: (target, name) => name !== "readRow" ? Reflect.get(target, name) : async (...args: [string, never]) => {
        const row = await target.readRow(...args);
        const lost = row && row.rowKey === keyAt(4).rowKey
          ? Buffer.from(Buffer.from(row.body).toString("utf8").replace("city 4", "city 5")) : undefined;
        return row && lost ? { ...row, body: lost } : row;
      },
    });
    const table = await world.phase("drained", { destination: lossy });
    expect(table).toMatchObject({ verdict: "different", different: 1, sync: { phase: "switched" } });
    expect(world.differences).toMatchObject([{ class: "different", ...keyAt(4) }]);
    const evidence = { compared: 4, changedSince: 1, goneSince: 1, different: 0 };
    expect(await world.phase("drained")).toMatchObject({ sync: { phase: "drained", evidence } });
  });
});
