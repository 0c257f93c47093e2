import { OperationalError } from "../../../migration/engine/errors";
import { PERHAPS_DELETED } from "../../../migration/engine/sync/decideLate";
import type { LateConflictPolicy } from "../../../migration/engine/sync/syncSettings";
import { dying, hooked, keyAt, TABLE } from "../world";
import { SyncWorld } from "./world";

/** With deletions looked for, too. */
const WHOLE = { sync: { reconcile: true } } as const;

async function switched(count = 6): Promise<SyncWorld> {
  const world = new SyncWorld();
  await world.switched(count);
  return world;
}

describe("a late change after the switch", () => {
  it("is applied where the row is as landbridge left it", async () => {
    const world = await switched();
    await world.put(world.source, keyAt(1), { population: 11 });
    const table = await world.phase("switched");
    expect(table).toMatchObject({ verdict: "synced", sync: { work: "late", changed: 1, lateApplied: 1 } });
    expect(await world.row(world.destination, keyAt(1))).toEqual({ population: 11 });
    // And again, since the row is still as landbridge left it.
    await world.put(world.source, keyAt(1), { population: 12 });
    expect(await world.phase("switched")).toMatchObject({ verdict: "synced", sync: { lateApplied: 1 } });
    expect(await world.row(world.destination, keyAt(1))).toEqual({ population: 12 });
  });

  it("does not touch what the application wrote since, be it the same as before", async () => {
    const world = await switched();
    const original = await world.row(world.destination, keyAt(1));
    await world.put(world.destination, keyAt(1), { population: 99 });
    await world.put(world.destination, keyAt(1), original as Record<string, number>);
    await world.put(world.destination, keyAt(2), { population: 98 });
    await world.put(world.source, keyAt(1), { population: 11 });
    await world.put(world.source, keyAt(2), { population: 22 });
    const table = await world.phase("switched");
    expect(table).toMatchObject({ verdict: "different", conflicts: 2, sync: { lateApplied: 0, lateConflicts: 2 } });
    expect(world.differences[0]).toMatchObject({ ...keyAt(1), reason: "changed in the destination since the switch" });
    expect(await world.row(world.destination, keyAt(1))).toEqual(original);
    expect(await world.row(world.destination, keyAt(2))).toEqual({ population: 98 });
    // It stays one until it is decided, long after the overlap of two runs.
    world.clock.advance(3 * 3_600_000);
    expect(await world.phase("switched")).toMatchObject({ verdict: "different", conflicts: 2 });
    world.clock.advance(3 * 3_600_000);
    expect(await world.phase("switched")).toMatchObject({ verdict: "different", conflicts: 2 });
  });

  it("is none where only the application wrote: neither shortly before nor after the switch", async () => {
    const world = new SyncWorld();
    await world.seed(6);
    await world.phase("sync");
    await world.put(world.source, keyAt(1), { population: 11 });
    await world.phase("switched");
    // Within the overlap of the watermark the source's change is seen again: it is the one that was copied.
    await world.put(world.destination, keyAt(1), { population: 99 });
    await world.remove(world.destination, keyAt(2));
    for (const options of [{}, WHOLE]) {
      expect(await world.phase("switched", options)).toMatchObject({ verdict: "synced", sync: { changed: 0 } });
    }
    expect(await world.row(world.destination, keyAt(1))).toEqual({ population: 99 });
    expect(await world.row(world.destination, keyAt(2))).toBeUndefined();
  });

  it("does not bring back what the application deleted", async () => {
    const world = await switched();
    await world.remove(world.destination, keyAt(1));
    await world.put(world.source, keyAt(1), { population: 11 });
    expect(await world.phase("switched")).toMatchObject({ verdict: "different", conflicts: 1 });
    expect(world.differences[0]).toMatchObject({ reason: "deleted in the destination since the switch" });
    expect(await world.row(world.destination, keyAt(1))).toBeUndefined();
  });

  it("is inserted where the row is new, unless the application made one by that name", async () => {
    const world = await switched();
    await world.put(world.source, keyAt(70), { population: 70 });
    await world.put(world.source, keyAt(71), { population: 71 });
    await world.put(world.destination, keyAt(71), { population: -71 });
    const table = await world.phase("switched");
    expect(table).toMatchObject({ verdict: "different", conflicts: 1, sync: { lateApplied: 1 } });
    expect(world.differences).toMatchObject([{ reason: "new in the source and in the destination since the switch" }]);
    expect(await world.row(world.destination, keyAt(70))).toEqual({ population: 70 });
    expect(await world.row(world.destination, keyAt(71))).toEqual({ population: -71 });
  });

  it("that deletes is carried over only where nobody touched the row", async () => {
    const world = await switched();
    await world.remove(world.source, keyAt(1));
    await world.remove(world.source, keyAt(2));
    await world.remove(world.source, keyAt(3));
    await world.put(world.destination, keyAt(2), { population: 98 });
    await world.remove(world.destination, keyAt(3));
    expect(await world.phase("switched")).toMatchObject({ verdict: "synced", deleted: 0 });
    const table = await world.phase("switched", WHOLE);
    expect(table).toMatchObject({ verdict: "different", deleted: 1, conflicts: 1, sync: { work: "lateReconcile" } });
    expect(world.differences).toMatchObject([
      { ...keyAt(2), reason: "deleted in the source, changed in the destination since the switch" },
    ]);
    expect(await world.row(world.destination, keyAt(1))).toBeUndefined();
    expect(await world.row(world.destination, keyAt(2))).toEqual({ population: 98 });
  });

  it("that deletes is only told where deletes are to be reported, and let be where they are accepted", async () => {
    const world = await switched();
    await world.remove(world.source, keyAt(1));
    const told = await world.phase("switched", { ...WHOLE, settings: { deletes: "report" } });
    expect(told).toMatchObject({ verdict: "different", extra: 1, deleted: 0 });
    const accepted = await world.phase("switched", { ...WHOLE, settings: { deletes: "accept" } });
    expect(accepted).toMatchObject({ verdict: "synced", deleted: 0 });
    expect(await world.row(world.destination, keyAt(1))).toBeDefined();
  });

  it("never deletes a row that only the destination ever had", async () => {
    const world = new SyncWorld();
    await world.seed(3);
    const settings = { deletes: "report" } as const;
    await world.phase("sync", { settings });
    await world.remove(world.source, keyAt(1));
    await world.phase("switched", { settings });
    await world.put(world.destination, keyAt(80), { population: 80 });
    // Even told to propagate: the row was left over before the switch, and is the application's now.
    expect(await world.phase("switched", WHOLE)).toMatchObject({ verdict: "synced", deleted: 0 });
    expect(await world.row(world.destination, keyAt(1))).toBeDefined();
    expect(await world.row(world.destination, keyAt(80))).toEqual({ population: 80 });
  });

  it("that only a scan claims to be a deletion is none: the source is asked for the row itself", async () => {
    const world = await switched();
    const source = new Proxy(world.source, {
      get: (target, name) => name !== "readPage"
        ? ((value: unknown) => (typeof value === "function" ? value.bind(target) : value))(Reflect.get(target, name))
        : async (...args: Parameters<typeof target.readPage>) => {
          const page = await target.readPage(...args);
          return { ...page, rows: page.rows.filter(({ rowKey }) => rowKey !== keyAt(3).rowKey) };
        },
    });
    expect(await world.phase("switched", { ...WHOLE, source })).toMatchObject({ verdict: "synced", deleted: 0 });
    expect(await world.row(world.destination, keyAt(3))).toBeDefined();
  });

  it("loses to a write that comes between looking and writing", async () => {
    const world = await switched();
    await world.put(world.source, keyAt(1), { population: 11 });
    let raced = false;
    const destination = hooked(world.destination, {
      before: async (method, [table]) => {
        if (method !== "write" || table !== TABLE || raced) return;
        raced = true;
        await world.put(world.destination, keyAt(1), { population: 99 });
      },
    });
    expect(await world.phase("switched", { destination })).toMatchObject({ conflicts: 1, sync: { lateApplied: 0 } });
    expect(await world.row(world.destination, keyAt(1))).toEqual({ population: 99 });
  });

  it("loses to a row of the same content that comes between looking and writing: it is the application's", async () => {
    const world = await switched();
    await world.put(world.source, keyAt(70), { population: 70 });
    let raced = false;
    const destination = hooked(world.destination, {
      before: async (method, [table]) => {
        if (method !== "write" || table !== TABLE || raced) return;
        raced = true;
        await world.put(world.destination, keyAt(70), { population: 70 });
      },
    });
    expect(await world.phase("switched", { destination })).toMatchObject({ conflicts: 1, sync: { lateApplied: 0 } });
    // What the source makes of it next must not replace the application's row.
    await world.put(world.source, keyAt(70), { population: 71 });
    expect(await world.phase("switched")).toMatchObject({ conflicts: 1 });
    expect(await world.row(world.destination, keyAt(70))).toEqual({ population: 70 });
  });

  it.each(["sync", "switched"] as const)("is known again after many kills, in phase %s, too", async (phase) => {
    const world = new SyncWorld();
    await world.seed(6);
    await world.phase("sync");
    if (phase === "switched") await world.phase("switched");
    for (const [when, population] of [["after", 11], ["before", 12], ["before", 13], ["before", 14]] as const) {
      await world.put(world.source, keyAt(1), { population });
      const die = (now: string) => (method: string, [table]: readonly unknown[]) => {
        if (now === when && method === "write" && table === TABLE) throw new Error("killed");
      };
      const destination = hooked(world.destination, { before: die("before"), after: die("after") });
      await expect(world.phase(phase, { destination })).rejects.toThrow("killed");
    }
    expect(await world.row(world.destination, keyAt(1))).toEqual({ population: 11 });
    expect(await world.phase(phase)).toMatchObject({ verdict: "synced", conflicts: 0, written: 1 });
    expect(await world.row(world.destination, keyAt(1))).toEqual({ population: 14 });
  });

  it("whose answer was lost is known by what was to be written, and not written twice", async () => {
    const world = await switched();
    await world.put(world.source, keyAt(1), { population: 11 });
    await world.put(world.source, keyAt(70), { population: 70 });
    let lost = 0;
    const destination = hooked(world.destination, {
      after: (method, [table]) => {
        if (method !== "write" || table !== TABLE || lost >= 2) return;
        lost += 1;
        throw new OperationalError({ code: "TimedOut", message: "No answer.", retryable: true, ambiguous: true });
      },
    });
    const table = await world.phase("switched", { destination });
    expect(table).toMatchObject({ verdict: "synced", conflicts: 0, sync: { lateApplied: 2 } });
    await world.put(world.source, keyAt(70), { population: 71 });
    expect(await world.phase("switched")).toMatchObject({ verdict: "synced", sync: { lateApplied: 1 } });
  });

  it.each(["before", "after"] as const)("goes on where it was killed %s any one of its calls", async (when) => {
    let unknown = 0;
    for (let nth = 1; ; nth += 1) {
      const world = await switched();
      await world.put(world.source, keyAt(1), { population: 11 });
      await world.put(world.source, keyAt(70), { population: 70 });
      await world.remove(world.source, keyAt(2));
      await world.put(world.destination, keyAt(3), { population: 93 });
      await world.put(world.source, keyAt(3), { population: 33 });
      const { store: destination, isReached } = dying(world.destination, nth, when);
      const finished = await world.phase("switched", { destination, ...WHOLE }).then(() => true, () => false);
      await world.put(world.source, keyAt(1), { population: 12 });
      const arrived = await world.row(world.destination, keyAt(70));
      const table = await world.phase("switched", WHOLE);
      const perhaps = world.differences.filter(({ reason }) => reason === PERHAPS_DELETED);
      expect({ nth, ...table }).toMatchObject({ nth, verdict: "different", conflicts: 1 + perhaps.length });
      if (perhaps.length > 0) {
        // Killed between saying what it was about to insert and inserting it: the one moment that leaves it unknown.
        unknown += 1;
        expect(perhaps).toMatchObject([keyAt(70)]);
        expect(arrived).toBeUndefined();
        await world.phase("switched", { sync: { lateConflicts: "source-wins", reconcile: true } });
        await world.put(world.destination, keyAt(3), { population: 93 });
      }
      expect(await world.row(world.destination, keyAt(1))).toEqual({ population: 12 });
      expect(await world.row(world.destination, keyAt(2))).toBeUndefined();
      expect(await world.row(world.destination, keyAt(3))).toEqual({ population: 93 });
      expect(await world.row(world.destination, keyAt(70))).toEqual({ population: 70 });
      if (!finished || isReached()) continue;
      expect(unknown).toBe(1);
      return;
    }
  });

  it("that a killed run had carried out is known for its own when the source deletes the row", async () => {
    const world = await switched();
    await world.put(world.source, keyAt(1), { population: 11 });
    let dead = false;
    const destination = hooked(world.destination, {
      before: () => (dead ? Promise.reject(new Error("killed")) : undefined),
      after: (method, [table]) => void (dead ||= method === "write" && table === TABLE),
    });
    await expect(world.phase("switched", { destination })).rejects.toThrow("killed");
    expect(await world.row(world.destination, keyAt(1))).toEqual({ population: 11 });
    await world.remove(world.source, keyAt(1));
    expect(await world.phase("switched", WHOLE)).toMatchObject({ verdict: "synced", deleted: 1, conflicts: 0 });
    expect(await world.row(world.destination, keyAt(1))).toBeUndefined();
  });

  it.each<[LateConflictPolicy, unknown, unknown, unknown, unknown]>([
    ["source-wins", { population: 11 }, { population: 22 }, undefined, { population: 71 }],
    ["destination-wins", { population: 99 }, undefined, { population: 93 }, { population: -71 }],
  ])("is decided by policy %s, once and for all", async (lateConflicts, changed, gone, deleted, inserted) => {
    const world = await switched();
    const { destination, source } = world;
    await world.put(destination, keyAt(1), { population: 99 });
    await world.put(source, keyAt(1), { population: 11 });
    await world.remove(destination, keyAt(2));
    await world.put(source, keyAt(2), { population: 22 });
    await world.put(destination, keyAt(3), { population: 93 });
    await world.remove(source, keyAt(3));
    await world.put(destination, keyAt(71), { population: -71 });
    await world.put(source, keyAt(71), { population: 71 });
    const table = await world.phase("switched", { sync: { reconcile: true, lateConflicts } });
    expect(table).toMatchObject({ verdict: "synced", conflicts: 0 });
    const now = await Promise.all([1, 2, 3, 71].map((at) => world.row(destination, keyAt(at))));
    expect(now).toEqual([changed, gone, deleted, inserted]);
    // Nothing is left to be decided, whatever the policy is from now on.
    expect(await world.phase("switched", WHOLE)).toMatchObject({ verdict: "synced", conflicts: 0, written: 0 });
    if (lateConflicts === "source-wins") return;
    // The next change of the source is asked anew: the row is still the application's.
    await world.put(source, keyAt(1), { population: 12 });
    expect(await world.phase("switched")).toMatchObject({ verdict: "different", conflicts: 1 });
  });
});
