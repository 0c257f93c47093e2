import { OperationalError } from "../../../migration/engine/errors";
import { memoryStore } from "../../../migration/stores/memory";
import { dying, hooked, keyAt, TABLE } from "../world";
import { SyncWorld } from "./world";

const HOUR_MS = 3_600_000;

describe("a live move in phase sync", () => {
  it("copies everything first, then only what changed, and reads only that", async () => {
    const world = new SyncWorld();
    await world.seed(30);
    world.clock.advance(HOUR_MS);
    expect(await world.phase("sync")).toMatchObject({ verdict: "synced", written: 30, sync: { work: "copy" } });
    world.clock.advance(HOUR_MS);
    await world.put(world.source, keyAt(4), { population: 44 });
    await world.put(world.source, keyAt(500), { population: 500 });
    let reads = 0;
    const destination = hooked(world.destination, {
      before: (method, [table]) => void (table === TABLE && method.startsWith("read") && (reads += 1)),
    });
    const table = await world.phase("sync", { destination });
    const sync = { work: "backfill", changed: 2, backfilled: 2 };
    expect(table).toMatchObject({ verdict: "synced", written: 2, sync });
    expect(reads).toBe(2);
    expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
  });

  it("looks again over the overlap, and asks the destination nothing about what it applied already", async () => {
    const world = new SyncWorld();
    await world.seed(10);
    await world.phase("sync");
    await world.put(world.source, keyAt(4), { population: 44 });
    await world.phase("sync");
    let calls = 0;
    const destination = hooked(world.destination, {
      before: (_method, [table]) => void (table === TABLE && (calls += 1)),
    });
    const again = await world.phase("sync", { destination });
    expect(again).toMatchObject({ verdict: "synced", written: 0, sync: { work: "backfill", changed: 0 } });
    // The table is made sure of, and no row is read.
    expect(calls).toBe(1);
  });

  it("takes the watermark from the source server's clock at the start, whatever other clocks show", async () => {
    const world = new SyncWorld();
    const source = memoryStore({ name: "contoso", now: () => world.clock.now() - 2 * HOUR_MS });
    await source.createTable(TABLE);
    await world.put(source, keyAt(1), { population: 1 });
    const startedMs = Math.floor((world.clock.now() - 2 * HOUR_MS) / 1_000) * 1_000;
    const slow = hooked(source, { before: () => world.clock.advance(3_000) });
    const { sync } = await world.phase("sync", { source: slow });
    const watermarkMs = sync?.watermarkMs ?? 0;
    expect(watermarkMs).toBeGreaterThanOrEqual(startedMs);
    // Later reads took their time: the watermark is that of the first answers.
    expect(watermarkMs).toBeLessThanOrEqual(startedMs + 9_000);
    expect(sync?.lagMs).toBeGreaterThan(0);
    await world.put(source, keyAt(1), { population: 2 });
    expect(await world.phase("sync", { source })).toMatchObject({ verdict: "synced", sync: { backfilled: 1 } });
    expect(await world.row(world.destination, keyAt(1))).toEqual({ population: 2 });
  });

  it("finds a change that is made behind the back of a long run", async () => {
    const world = new SyncWorld();
    await world.seed(5);
    await world.phase("sync");
    world.clock.advance(HOUR_MS);
    let late = false;
    const source = hooked(world.source, {
      after: async (method, [, request]) => {
        if (method !== "readPage" || late || !(request as { changedSince?: string }).changedSince) return;
        late = true;
        await world.put(world.source, keyAt(3), { population: 33 });
        // Longer than any overlap: only a watermark of the run's beginning covers it.
        world.clock.advance(2 * HOUR_MS);
      },
    });
    expect(await world.phase("sync", { source })).toMatchObject({ verdict: "synced", sync: { changed: 0 } });
    expect(await world.phase("sync")).toMatchObject({ verdict: "synced", sync: { backfilled: 1 } });
    expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
  });

  it("finds a change that becomes visible a little later than its own time says", async () => {
    const world = new SyncWorld();
    await world.seed(5);
    world.clock.advance(HOUR_MS);
    await world.phase("sync");
    await world.put(world.source, keyAt(3), { population: 33 });
    world.clock.advance(60_000);
    const hidden = new Proxy(world.source, {
      get: (target, name) => name !== "readPage"
        ? ((value: unknown) => (typeof value === "function" ? value.bind(target) : value))(Reflect.get(target, name))
        : async (...args: Parameters<typeof target.readPage>) => {
          const page = await target.readPage(...args);
          return { ...page, rows: page.rows.filter(({ rowKey }) => rowKey !== keyAt(3).rowKey) };
        },
    });
    expect(await world.phase("sync", { source: hidden })).toMatchObject({ sync: { work: "backfill", changed: 0 } });
    expect(await world.phase("sync")).toMatchObject({ verdict: "synced", sync: { backfilled: 1 } });
  });

  it("does not move the watermark while a row could not be written, and finds it again", async () => {
    const world = new SyncWorld();
    await world.seed(5);
    await world.phase("sync");
    world.clock.advance(HOUR_MS);
    await world.put(world.source, keyAt(2), { population: 22 });
    const before = (await world.record())?.sync?.watermarkMs;
    let refusing = true;
    const destination = hooked(world.destination, {
      before: (method, [table]) => {
        if (!refusing || method !== "write" || table !== TABLE) return;
        throw new OperationalError({ code: "AuthorizationFailed", message: "No.", status: 403 });
      },
    });
    const failed = await world.phase("sync", { destination });
    expect(failed).toMatchObject({ verdict: "incomplete", error: { code: "AuthorizationFailed" } });
    expect((await world.record())?.sync?.watermarkMs).toBe(before);
    refusing = false;
    world.clock.advance(HOUR_MS);
    expect(await world.phase("sync", { destination })).toMatchObject({ verdict: "synced", sync: { backfilled: 1 } });
    expect((await world.record())?.sync?.watermarkMs).toBeGreaterThan(before ?? 0);
    expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
  });

  it("keeps the watermark, and the lag growing, while somebody else's row is in the way", async () => {
    const world = new SyncWorld();
    await world.seed(5);
    await world.phase("sync");
    world.clock.advance(HOUR_MS);
    await world.put(world.destination, keyAt(2), { population: -1 });
    await world.put(world.source, keyAt(2), { population: 22 });
    const first = await world.phase("sync");
    expect(first).toMatchObject({ verdict: "different", conflicts: 1, written: 0 });
    world.clock.advance(HOUR_MS);
    const second = await world.phase("sync");
    expect(second.sync?.watermarkMs).toBe(first.sync?.watermarkMs);
    expect(second.sync?.lagMs).toBeGreaterThan(2 * HOUR_MS - 60_000);
    const told = await world.phase("sync", { settings: { conflicts: "overwrite" } });
    expect(told).toMatchObject({ verdict: "synced", written: 1 });
    expect(told.sync?.lagMs).toBeLessThan(60_000);
  });

  it("finds deletions by reading both sides: when told to, and after so many hours", async () => {
    const world = new SyncWorld();
    await world.seed(6);
    await world.phase("sync");
    await world.remove(world.source, keyAt(1));
    expect(await world.phase("sync")).toMatchObject({ deleted: 0, sync: { work: "backfill" } });
    const told = await world.phase("sync", { sync: { reconcile: true } });
    expect(told).toMatchObject({ deleted: 1, sync: { work: "reconcile" } });
    await world.remove(world.source, keyAt(2));
    world.clock.advance(25 * HOUR_MS);
    expect(await world.phase("sync")).toMatchObject({ deleted: 1, sync: { work: "reconcile" } });
    expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
  });

  it("reads everything where the source cannot tell what changed, and says so", async () => {
    const world = new SyncWorld();
    await world.seed(6);
    const source: typeof world.source = new Proxy(world.source, {
      get: (target, name) => {
        const value = Reflect.get(target, name);
        return name === "findsChanges" ? false : typeof value === "function" ? value.bind(target) : value;
      },
    });
    await world.phase("sync", { source });
    await world.put(world.source, keyAt(1), { population: 11 });
    const table = await world.phase("sync", { source });
    expect(table).toMatchObject({ verdict: "synced", written: 1, sync: { work: "reconcile" } });
    expect(table.sync?.notes.join()).toContain("cannot tell what changed");
  });

  it("applies many changes side by side, new rows between old ones and behind them included", async () => {
    const world = new SyncWorld();
    await world.seedInOnePartition(3_000);
    await world.phase("sync");
    world.clock.advance(HOUR_MS);
    for (let at = 0; at < 3_000; at += 30) {
      await world.put(world.source, { partitionKey: "p", rowKey: String(at).padStart(6, "0") }, { n: -at - 1 });
      await world.put(world.source, { partitionKey: "p", rowKey: `${String(at).padStart(6, "0")}a` }, { n: at });
    }
    for (let at = 0; at < 1_500; at += 1) {
      await world.put(world.source, { partitionKey: "q", rowKey: String(at).padStart(6, "0") }, { n: at });
    }
    const table = await world.phase("sync");
    expect(table).toMatchObject({ verdict: "synced", sync: { work: "backfill", backfilled: 1_700 } });
    expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
    // The record is whole: a pass over both sides has nothing to write, and knows every row.
    expect(await world.phase("sync", { sync: { reconcile: true } })).toMatchObject({ written: 0, conflicts: 0 });
    await world.put(world.source, { partitionKey: "q", rowKey: "000007" }, { n: 7_000 });
    expect(await world.phase("sync")).toMatchObject({ verdict: "synced", written: 1, conflicts: 0 });
  });

  it.each(["before", "after"] as const)("goes on to the same result, killed %s any one of its calls", async (when) => {
    for (let nth = 1; ; nth += 1) {
      const world = new SyncWorld();
      await world.seed(12);
      await world.phase("sync");
      world.clock.advance(HOUR_MS);
      await world.put(world.source, keyAt(1), { population: 11 });
      await world.put(world.source, keyAt(100), { population: 100 });
      const { store: destination, isReached } = dying(world.destination, nth, when);
      const finished = await world.phase("sync", { destination }).then(() => true, () => false);
      await world.put(world.source, keyAt(1), { population: 12 });
      await world.put(world.source, keyAt(40), { population: 40 });
      const table = await world.phase("sync");
      expect({ nth, ...table }).toMatchObject({ nth, verdict: "synced", conflicts: 0 });
      expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
      if (finished && !isReached()) return;
    }
  });

  it("claims no more than what was read when a first pass that was killed is gone on with", async () => {
    const world = new SyncWorld();
    await world.seedInOnePartition(5_000);
    let journalled = 0;
    const destination = hooked(world.destination, {
      before: (method, [table]) => {
        if (method !== "write" || table !== "landbridgejournal") return;
        journalled += 1;
        if (journalled > 10) throw new Error("killed");
      },
    });
    await expect(world.phase("sync", { destination })).rejects.toThrow("killed");
    await world.put(world.source, { partitionKey: "p", rowKey: "000003" }, { n: -3 });
    world.clock.advance(HOUR_MS);
    expect(await world.phase("sync")).toMatchObject({ verdict: "synced", sync: { work: "copy" } });
    world.clock.advance(HOUR_MS);
    await world.phase("sync");
    expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
  });
});
