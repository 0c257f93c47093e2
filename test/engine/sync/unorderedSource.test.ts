import { JOURNAL_TABLE } from "../../../migration/engine/journal";
import { RECEIPTS_BYTES_MAX } from "../../../migration/engine/receipts";
import { HOME_KEYS_MAX } from "../../../migration/engine/reconcileHomes";
import { namesIn } from "../../../migration/engine/recordedSegments";
import { PERHAPS_DELETED } from "../../../migration/engine/sync/decideLate";
import { tableJournal } from "../../../migration/stores/azureTables/journal";
import { dying, hooked, keyAt, TABLE, World } from "../world";
import { SyncWorld } from "./world";

/** Few rows fill a round: every pass here needs several. */
jest.mock("../../../migration/engine/bucketRounds", () => ({
  ...jest.requireActual<object>("../../../migration/engine/bucketRounds"),
  ROUND_BYTES_MAX: 6 * 1024,
  ROUND_BODIES_BYTES_MAX: 300,
}));

async function segmentsOf(world: SyncWorld): ReturnType<ReturnType<typeof tableJournal>["readSegments"]> {
  const journal = tableJournal(world.destination, JOURNAL_TABLE, { clock: world.clock });
  return journal.readSegments({ source: world.source.identity, table: TABLE, destinationTable: TABLE }, 0);
}

describe.each([false, true])("a live move from a source without an order (destination, too: %s)", (both) => {
  beforeAll(() => {
    World.unorderedSource = true;
    World.unorderedDestination = both;
  });

  it("goes through all phases, and holds late changes to the same rules", async () => {
    const world = new SyncWorld();
    await world.seed(40);
    const first = await world.phase("sync");
    expect(first).toMatchObject({ verdict: "synced", written: 40, sync: { work: "copy" } });
    expect(first.sync?.notes.join()).toContain("cannot tell what changed");
    await world.put(world.source, keyAt(1), { population: 11 });
    await world.remove(world.source, keyAt(2));
    expect(await world.phase("sync")).toMatchObject({ verdict: "synced", written: 1, deleted: 1 });
    expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
    expect(await world.phase("switched")).toMatchObject({ verdict: "synced", written: 0 });

    await world.put(world.destination, keyAt(3), { population: 93 });
    await world.put(world.destination, keyAt(6), { population: 96 });
    await world.remove(world.destination, keyAt(7));
    await world.put(world.source, keyAt(3), { population: 33 });
    await world.put(world.source, keyAt(4), { population: 44 });
    await world.remove(world.source, keyAt(5));
    await world.put(world.source, keyAt(70), { population: 70 });
    const late = await world.phase("switched");
    expect(late).toMatchObject({
      conflicts: 1, deleted: 1, written: 2, sync: { work: "lateReconcile", lateApplied: 3, lateConflicts: 1 },
    });
    expect(late.sync?.notes.join()).toContain("cannot tell what changed");
    expect(world.differences).toMatchObject([{ ...keyAt(3), reason: "changed in the destination since the switch" }]);
    expect(await world.row(world.destination, keyAt(3))).toEqual({ population: 93 });
    expect(await world.row(world.destination, keyAt(4))).toEqual({ population: 44 });
    expect(await world.row(world.destination, keyAt(5))).toBeUndefined();
    expect(await world.row(world.destination, keyAt(6))).toEqual({ population: 96 });
    expect(await world.row(world.destination, keyAt(7))).toBeUndefined();
    expect(await world.row(world.destination, keyAt(70))).toEqual({ population: 70 });

    const drained = await world.phase("drained", { sync: { lateConflicts: "destination-wins" } });
    // 39 rows: 36 as they were left, two that the application changed, one that it deleted.
    expect(drained).toMatchObject({
      sync: { phase: "drained", evidence: { compared: 36, different: 0, changedSince: 2, goneSince: 1 } },
    });
    expect(await world.phase("done")).toMatchObject({ sync: { phase: "done" } });
  });

  it("finds a row in the last verification that is as it was left and yet another than the source's", async () => {
    const world = new SyncWorld();
    await world.switched(20);
    // A source that lies in one of its readings: what it says then differs from what was copied.
    let scans = 0;
    const source = hooked(world.source, {
      before: async (method, [, request]) => {
        if (method !== "readPage" || (request as { rowsMax?: number }).rowsMax === 1) return;
        scans += 1;
        if (scans === 2) await world.put(world.source, keyAt(9), { population: -9 });
      },
    });
    expect(await world.phase("drained", { source })).toMatchObject({
      different: 1, verdict: "different", sync: { phase: "switched", evidence: { compared: 20, different: 1 } },
    });
  });

  it("freezes while it copies: the switch then reads each side once and writes no receipt", async () => {
    const world = new SyncWorld();
    await world.seed(30);
    await world.phase("sync");
    let scans = 0;
    const segments: string[] = [];
    const source = hooked(world.source, {
      before: (method, [, request]) => {
        if (method === "readPage" && (request as { rowsMax?: number }).rowsMax !== 1) scans += 1;
      },
    });
    const destination = hooked(world.destination, {
      before: (method, [, operations]) => {
        if (method !== "write") return;
        for (const { key } of operations as readonly { key: { rowKey: string } }[]) segments.push(key.rowKey);
      },
    });
    expect(await world.phase("switched", { source, destination })).toMatchObject({ verdict: "synced", unchanged: 30 });
    expect(scans).toBe(1);
    expect(segments.filter((rowKey) => rowKey.startsWith("segment-"))).toEqual([]);
  });

  it.each(["before", "after"] as const)("late changes, killed %s any call, come to the same", async (when) => {
    let unknown = 0;
    for (let nth = 1; ; nth += 1) {
      const world = new SyncWorld();
      await world.switched(16);
      for (const at of [0, 7, 500]) await world.put(world.source, keyAt(at), { population: -at });
      await world.remove(world.source, keyAt(3));
      await world.put(world.destination, keyAt(5), { mine: true });
      const { store: destination, isReached } = dying(world.destination, nth, when);
      const finished = await world.phase("switched", { destination }).then(() => true, () => false);
      await world.put(world.source, keyAt(7), { population: -77 });
      let table = await world.phase("switched");
      const perhaps = world.differences.filter(({ reason }) => reason === PERHAPS_DELETED);
      if (perhaps.length > 0) {
        // Killed between saying what it was about to insert and inserting it: only then nobody can know.
        unknown += 1;
        expect(perhaps).toMatchObject([keyAt(500)]);
        table = await world.phase("switched", { sync: { lateConflicts: "source-wins" } });
      }
      expect({ nth, ...table }).toMatchObject({ nth, verdict: "synced", conflicts: 0 });
      expect(await world.row(world.destination, keyAt(7))).toEqual({ population: -77 });
      expect(await world.row(world.destination, keyAt(500))).toEqual({ population: -500 });
      expect(await world.row(world.destination, keyAt(3))).toBeUndefined();
      expect(await world.row(world.destination, keyAt(5))).toEqual({ mine: true });
      if (!finished || isReached()) continue;
      expect(unknown).toBe(1);
      return;
    }
  });

  it("keeps each segment of the record within one binary property, whatever comes late", async () => {
    const world = new SyncWorld();
    await world.switched(3);
    await world.seedInOnePartition(1_200);
    expect(await world.phase("switched")).toMatchObject({ verdict: "synced", written: 1_200 });
    const segments = await segmentsOf(world);
    expect(segments.length).toBe(2);
    for (const segment of segments) {
      expect(namesIn(segment).size).toBeLessThanOrEqual(HOME_KEYS_MAX);
      expect(segment.receipts.length).toBeLessThanOrEqual(RECEIPTS_BYTES_MAX);
    }
  }, 60_000);
});
