import { unordered } from "../unorderedStore";
import { keyAt } from "../world";
import { SyncWorld } from "./world";

/** With deletions looked for, too. */
const WHOLE = { sync: { reconcile: true } } as const;

describe("a live move to a destination without an order", () => {
  it("goes through all phases, and holds late changes to the same rules", async () => {
    const world = new SyncWorld();
    const destination = unordered(world.destination);
    await world.seed(12);
    expect(await world.phase("sync", { destination })).toMatchObject({ verdict: "synced", written: 12 });
    world.clock.advance(3_600_000);
    await world.put(world.source, keyAt(1), { population: 11 });
    await world.remove(world.source, keyAt(2));
    expect(await world.phase("sync", { destination })).toMatchObject({ sync: { work: "backfill", backfilled: 1 } });
    expect(await world.phase("sync", { destination, ...WHOLE })).toMatchObject({ verdict: "synced", deleted: 1 });
    expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
    expect(await world.phase("switched", { destination })).toMatchObject({ verdict: "synced" });
    await world.put(world.destination, keyAt(3), { population: 93 });
    await world.put(world.source, keyAt(3), { population: 33 });
    await world.put(world.source, keyAt(4), { population: 44 });
    await world.remove(world.source, keyAt(5));
    await world.put(world.source, keyAt(70), { population: 70 });
    const late = await world.phase("switched", { destination, ...WHOLE });
    expect(late).toMatchObject({ conflicts: 1, deleted: 1, sync: { lateApplied: 3, lateConflicts: 1 } });
    expect(await world.row(world.destination, keyAt(3))).toEqual({ population: 93 });
    expect(await world.row(world.destination, keyAt(5))).toBeUndefined();
    const drained = await world.phase("drained", { destination, sync: { lateConflicts: "destination-wins" } });
    expect(drained).toMatchObject({ sync: { phase: "drained", evidence: { compared: 10, changedSince: 1 } } });
    expect(await world.phase("done", { destination })).toMatchObject({ sync: { phase: "done" } });
  });

  it("takes many rows between recorded ones: records are cut before they outgrow the journal", async () => {
    const world = new SyncWorld();
    const destination = unordered(world.destination);
    await world.seedInOnePartition(1_000);
    await world.phase("sync", { destination });
    for (let round = 0; round < 2; round += 1) {
      for (let at = 0; at < 2_500; at += 1) {
        const rowKey = `000500-${round}-${String(at).padStart(5, "0")}`;
        await world.put(world.source, { partitionKey: "p", rowKey }, { n: at });
      }
      expect(await world.phase("sync", { destination })).toMatchObject({ verdict: "synced", conflicts: 0 });
    }
    expect(await world.phase("switched", { destination })).toMatchObject({ verdict: "synced", written: 0 });
    expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
    await world.put(world.source, { partitionKey: "p", rowKey: "000500-1-00007" }, { n: -7 });
    await world.remove(world.source, { partitionKey: "p", rowKey: "000900" });
    const late = await world.phase("switched", { destination, ...WHOLE });
    expect(late).toMatchObject({ verdict: "synced", written: 1, deleted: 1 });
  });
});
