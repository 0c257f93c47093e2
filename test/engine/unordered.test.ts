import { JOURNAL_TABLE } from "../../migration/engine/journal";
import { RECEIPTS_BYTES_MAX, receiptsIn } from "../../migration/engine/receipts";
import { HOME_KEYS_MAX } from "../../migration/engine/reconcileHomes";
import { namesIn } from "../../migration/engine/recordedSegments";
import { tableJournal } from "../../migration/stores/azureTables/journal";
import { unordered } from "./unorderedStore";
import { dying, keyAt, only, TABLE, World } from "./world";

/** Few rows fill a round, and few fill a segment: every pass here needs several of both. */
jest.mock("../../migration/engine/bucketRounds", () => ({
  ...jest.requireActual<object>("../../migration/engine/bucketRounds"),
  ROUND_BYTES_MAX: 12 * 1024,
  ROUND_BODIES_BYTES_MAX: 300,
}));

const PROPAGATE = { settings: { deletes: "propagate" as const } };

async function segmentsOf(world: World): ReturnType<ReturnType<typeof tableJournal>["readSegments"]> {
  const journal = tableJournal(world.destination, JOURNAL_TABLE, { clock: world.clock });
  return journal.readSegments({ source: world.source.identity, table: TABLE, destinationTable: TABLE }, 0);
}

async function change(world: World, value: number): Promise<void> {
  for (const at of [0, 7, 20, 500]) await world.put(world.source, keyAt(at), { population: value });
  if (value === 1) for (const at of [3, 22]) await world.remove(world.source, keyAt(at));
}

async function expectOneReceiptEach(world: World, count: number): Promise<void> {
  const entries = (await segmentsOf(world)).flatMap(({ receipts }) => [...receiptsIn(receipts)]);
  expect(entries.filter(({ isVersion }) => isVersion)).toHaveLength(count);
  expect(entries).toHaveLength(count);
}

describe.each([false, true])("a source whose rows come in no order (destination, too: %s)", (both) => {
  beforeAll(() => {
    World.unorderedSource = true;
    World.unorderedDestination = both;
  });

  it("is copied, and later passes apply changes, additions and deletions with one receipt per row", async () => {
    const world = new World();
    await world.seed(60);
    expect(only(await world.copy(PROPAGATE))).toMatchObject({ verdict: "equal", written: 60 });
    await change(world, 1);
    const table = only(await world.copy(PROPAGATE));
    expect(table).toMatchObject({ verdict: "equal", written: 4, deleted: 2, unchanged: 55, source: { count: 59 } });
    expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
    await expectOneReceiptEach(world, 59);
  });

  it("is planned by a dry run with the counts of the copy, and nothing is written", async () => {
    const world = new World();
    await world.seed(40);
    const planned = only(await world.copy({ settings: { deletes: "propagate", dryRun: true } }));
    expect(planned).toMatchObject({ written: 40, deleted: 0 });
    expect(await world.destination.listTables()).toEqual([]);
    await world.copy(PROPAGATE);
    await change(world, 1);
    const before = await world.rows(world.destination, JOURNAL_TABLE);
    const again = only(await world.copy({ settings: { deletes: "propagate", dryRun: true } }));
    expect(again).toMatchObject({ written: 4, deleted: 2, unchanged: 35 });
    expect(await world.rows(world.destination, JOURNAL_TABLE)).toEqual(before);
  });

  it("leaves a row that somebody changed in the destination to them, and says so", async () => {
    const world = new World();
    await world.seed(20);
    await world.copy();
    await world.put(world.destination, keyAt(4), { mine: true });
    await world.put(world.source, keyAt(4), { population: -4 });
    expect(only(await world.copy())).toMatchObject({ verdict: "different", conflicts: 1, written: 0 });
    expect(world.differences).toMatchObject([keyAt(4)]);
  });

  it.each(["before", "after"] as const)("killed %s any one of its calls, goes on to the same result", async (when) => {
    for (let nth = 1; ; nth += 1) {
      const world = new World();
      await world.seed(24);
      if (nth % 2 === 0) await world.copy(PROPAGATE);
      await change(world, 1);
      const { store: destination, isReached } = dying(world.destination, nth, when);
      const finished = await world.copy({ ...PROPAGATE, destination }).then(() => true, () => false);
      await change(world, 2);
      const table = only(await world.copy(PROPAGATE));
      expect({ nth, ...table }).toMatchObject({ nth, verdict: "equal", conflicts: 0, missing: 0, extra: 0 });
      expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
      await expectOneReceiptEach(world, table.source.count);
      if (finished && !isReached()) return;
    }
  });

  it("keeps every segment within what one binary property holds, and lets go of empty ones", async () => {
    const world = new World();
    await world.seedInOnePartition(2_000);
    await world.copy(PROPAGATE);
    for (const segment of await segmentsOf(world)) {
      expect(namesIn(segment).size).toBeLessThanOrEqual(HOME_KEYS_MAX);
      expect(segment.receipts.length).toBeLessThanOrEqual(RECEIPTS_BYTES_MAX);
    }
    for (const { partitionKey, rowKey } of await world.rows(world.source)) {
      if (rowKey >= "000100") {
        await world.source.write(TABLE, [{ kind: "delete", key: { partitionKey, rowKey }, version: "*" }]);
      }
    }
    world.clock.advance(2_000);
    expect(only(await world.copy(PROPAGATE))).toMatchObject({ verdict: "equal", deleted: 1_900 });
    await expectOneReceiptEach(world, 100);
    // What comes later fills up what is there: a segment for every run would be one too many in a year.
    const segments = (await segmentsOf(world)).length;
    await world.put(world.source, keyAt(1), { population: 1 });
    await world.copy(PROPAGATE);
    expect(await segmentsOf(world)).toHaveLength(segments);
  }, 120_000);

  it("has nothing against it in a preflight", async () => {
    const world = new World();
    await world.seed(3);
    expect(await world.preflight({ source: unordered(world.source) })).toMatchObject({ ok: true, findings: [] });
  });
});
