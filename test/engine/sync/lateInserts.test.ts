import { OperationalError } from "../../../migration/engine/errors";
import { PERHAPS_DELETED } from "../../../migration/engine/sync/decideLate";
import { hooked, keyAt, TABLE } from "../world";
import { SyncWorld } from "./world";

/** With deletions looked for, too. */
const WHOLE = { sync: { reconcile: true } } as const;

async function switched(count = 6): Promise<SyncWorld> {
  const world = new SyncWorld();
  await world.switched(count);
  return world;
}

/** Killed with an insert on its way, which was carried out or not; then the application may have deleted the row. */
async function cutShort(now: "before" | "after", deletes = now === "after"): Promise<SyncWorld> {
  const world = await switched();
  await world.put(world.source, keyAt(70), { population: 70 });
  const die = (method: string, [table]: readonly unknown[]) => {
    if (method === "write" && table === TABLE) throw new Error("killed");
  };
  const destination = hooked(world.destination, { [now]: die });
  await expect(world.phase("switched", { destination })).rejects.toThrow("killed");
  if (deletes) await world.remove(world.destination, keyAt(70));
  return world;
}

describe("a late insert", () => {
  it.each(["before", "after"] as const)("that is cut off %s it is made waits until people decide", async (now) => {
    const world = await cutShort(now);
    for (const options of [{}, {}, WHOLE]) {
      expect(await world.phase("switched", options)).toMatchObject({ verdict: "different", conflicts: 1 });
      expect(world.differences.at(-1)).toMatchObject({ ...keyAt(70), reason: PERHAPS_DELETED });
      expect(await world.row(world.destination, keyAt(70))).toBeUndefined();
    }
    const decided = { sync: { lateConflicts: "source-wins" } } as const;
    expect(await world.phase("switched", decided)).toMatchObject({ verdict: "synced", conflicts: 0 });
    expect(await world.row(world.destination, keyAt(70))).toEqual({ population: 70 });
    await world.put(world.source, keyAt(70), { population: 71 });
    expect(await world.phase("switched")).toMatchObject({ verdict: "synced", conflicts: 0, sync: { lateApplied: 1 } });
  });

  it("that is cut off before it is made is told once even where the destination wins: it may be lost", async () => {
    const world = await cutShort("before");
    const destinationWins = { sync: { lateConflicts: "destination-wins" } } as const;
    expect(await world.phase("switched", destinationWins)).toMatchObject({ verdict: "different", conflicts: 1 });
    expect(await world.phase("switched", destinationWins)).toMatchObject({ verdict: "synced", conflicts: 0 });
    expect(await world.phase("switched", WHOLE)).toMatchObject({ verdict: "synced", conflicts: 0 });
    expect(await world.row(world.destination, keyAt(70))).toBeUndefined();
  });

  it("that is cut off after it was made is the source's while nobody touched it", async () => {
    const world = await cutShort("after", false);
    expect(await world.phase("switched")).toMatchObject({ verdict: "synced", conflicts: 0 });
    await world.put(world.source, keyAt(70), { population: 71 });
    expect(await world.phase("switched")).toMatchObject({ verdict: "synced", conflicts: 0, sync: { lateApplied: 1 } });
  });

  it("that people were told of and the source deleted leaves nothing to decide", async () => {
    const world = await cutShort("before");
    expect(await world.phase("switched")).toMatchObject({ conflicts: 1 });
    await world.remove(world.source, keyAt(70));
    expect(await world.phase("switched", WHOLE)).toMatchObject({ verdict: "synced", conflicts: 0 });
    await world.put(world.source, keyAt(70), { population: 72 });
    expect(await world.phase("switched")).toMatchObject({ verdict: "synced", conflicts: 0, sync: { lateApplied: 1 } });
  });

  it.each<[string, boolean, number]>([
    ["never arrived, since an error ended the run, is made by the next one", false, 0],
    ["may have arrived before an error ended the run is told", true, 1],
  ])("that %s", async (_, ambiguous, conflicts) => {
    const world = await switched();
    await world.put(world.source, keyAt(70), { population: 70 });
    const destination = hooked(world.destination, {
      before: (method, [table]) => {
        if (method !== "write" || table !== TABLE) return;
        throw new OperationalError({ code: "Broken", message: "Broken.", retryable: false, ambiguous });
      },
    });
    expect(await world.phase("switched", { destination })).toMatchObject({ error: { code: "Broken" } });
    expect(await world.phase("switched")).toMatchObject({ conflicts, written: 1 - conflicts });
  });

  it("that is refused for itself is skipped, run after run, and no conflict", async () => {
    const world = await switched();
    await world.put(world.source, keyAt(70), { population: 70 });
    const error = new OperationalError({ code: "PropertyNameInvalid", message: "No.", retryable: false });
    const refusing = new Proxy(world.destination, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        if (name !== "write") return value.bind(target);
        return async (...args: Parameters<typeof target.write>) =>
          args[0] === TABLE ? { committed: false, reason: "invalid", index: 0, error } : target.write(...args);
      },
    });
    for (let run = 0; run < 2; run += 1) {
      const table = await world.phase("switched", { destination: refusing });
      expect(table).toMatchObject({ conflicts: 0, skipped: [{ reason: "PropertyNameInvalid", count: 1 }] });
    }
    expect(await world.phase("switched")).toMatchObject({ verdict: "synced", written: 1 });
  });

  it("is one of few that a run which is killed leaves unknown, of however many", async () => {
    const world = await switched(3);
    for (let at = 100; at < 200; at += 1) {
      await world.put(world.source, { partitionKey: "~", rowKey: String(at) }, { population: at });
    }
    let left = 40;
    const destination = hooked(world.destination, {
      before: (method, [table]) => {
        if (method === "write" && table === TABLE) left -= 1;
        if (left < 0) throw new Error("killed");
      },
    });
    await expect(world.phase("switched", { destination })).rejects.toThrow("killed");
    const { conflicts, written } = await world.phase("switched");
    expect(conflicts).toBeGreaterThan(0);
    expect(conflicts).toBeLessThanOrEqual(16);
    expect(written + conflicts).toBe(60);
  });

  it("is one of many: rows between recorded ones, more than a segment's record holds", async () => {
    const world = new SyncWorld();
    await world.seedInOnePartition(1_000);
    await world.phase("sync");
    await world.phase("switched");
    for (let at = 0; at < 2_500; at += 1) {
      await world.put(world.source, { partitionKey: "p", rowKey: `000500-${String(at).padStart(5, "0")}` }, { n: at });
    }
    const table = await world.phase("switched");
    expect(table).toMatchObject({ verdict: "synced", conflicts: 0 });
    expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
    expect(table.sync).toMatchObject({ changed: 2_500, lateApplied: 2_500 });
    // Every row is on record: each can be followed, and deletions, too.
    await world.put(world.source, { partitionKey: "p", rowKey: "000500-00007" }, { n: -7 });
    await world.remove(world.source, { partitionKey: "p", rowKey: "000500-01000" });
    await world.remove(world.source, { partitionKey: "p", rowKey: "000900" });
    expect(await world.phase("switched", WHOLE)).toMatchObject({ verdict: "synced", written: 1, deleted: 2 });
    expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
  });
});
