import { JOURNAL_TABLE } from "../../migration/engine/journal";
import { receiptsIn } from "../../migration/engine/receipts";
import { tableJournal } from "../../migration/stores/azureTables/journal";
import { dying, hooked, keyAt, only, TABLE, World } from "./world";

/** Few rows fill a round: every pass here that finds something needs several. */
jest.mock("../../migration/engine/bucketRounds", () => ({
  ...jest.requireActual<object>("../../migration/engine/bucketRounds"),
  ROUND_BYTES_MAX: 6 * 1024,
  ROUND_BODIES_BYTES_MAX: 300,
}));

World.unorderedDestination = true;

const PROPAGATE = { settings: { deletes: "propagate" as const } };

async function copied(count: number): Promise<World> {
  const world = new World();
  await world.seed(count);
  await world.copy(PROPAGATE);
  return world;
}

async function change(world: World, value: number): Promise<void> {
  for (const at of [0, 7, 20, 21, 500, 501]) await world.put(world.source, keyAt(at), { population: value });
  if (value === 1) for (const at of [3, 22]) await world.remove(world.source, keyAt(at));
}

async function entriesOf(world: World): Promise<{ entries: number; versions: number; upTo: string[] }> {
  const journal = tableJournal(world.destination, JOURNAL_TABLE, { clock: world.clock });
  const migration = { source: world.source.identity, table: TABLE, destinationTable: TABLE };
  const segments = await journal.readSegments(migration, 0);
  const entries = segments.flatMap(({ receipts }) => [...receiptsIn(receipts)]);
  const upTo = segments.map(({ upTo: { partitionKey, rowKey } }) => `${partitionKey} ${rowKey}`);
  return { entries: entries.length, versions: entries.filter(({ isVersion }) => isVersion).length, upTo };
}

describe("a reconciling pass over a destination without an order", () => {
  it("applies changes, additions and deletions, and leaves one receipt for each row that is there", async () => {
    const world = await copied(60);
    await change(world, 1);
    const table = only(await world.copy(PROPAGATE));
    expect(table).toMatchObject({ verdict: "equal", written: 6, deleted: 2, unchanged: 54, source: { count: 60 } });
    expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
    const { upTo, ...counts } = await entriesOf(world);
    expect(counts).toEqual({ entries: 60, versions: 60 });
    expect(upTo).toEqual([...upTo].sort());
  });

  it("writes neither a row nor a receipt where nothing changed, and reads each side once", async () => {
    const world = await copied(60);
    const written: string[] = [];
    let scans = 0;
    const destination = hooked(world.destination, {
      before: (method, [table, operations]) => {
        if (method === "readPage" && table === TABLE) scans += 1;
        if (method !== "write") return;
        for (const { key } of operations as readonly { key: { rowKey: string } }[]) written.push(key.rowKey);
      },
    });
    await world.copy({ destination, settings: { deletes: "propagate", level: "none" } });
    expect(written.filter((rowKey) => rowKey.startsWith("segment-") || /^\d/.test(rowKey))).toEqual([]);
    expect(scans).toBe(1);
  });

  it("plans the same counts as it then does, without writing", async () => {
    const world = await copied(60);
    await change(world, 1);
    await world.put(world.destination, keyAt(5), { mine: true });
    const before = await world.rows(world.destination, JOURNAL_TABLE);
    const planned = only(await world.copy({ settings: { deletes: "propagate", dryRun: true } }));
    expect(await world.rows(world.destination, JOURNAL_TABLE)).toEqual(before);
    const done = only(await world.copy(PROPAGATE));
    const counts = ({ written, deleted, conflicts, unchanged }: typeof done) =>
      ({ written, deleted, conflicts, unchanged });
    expect(counts(planned)).toEqual(counts(done));
    expect(counts(done)).toEqual({ written: 6, deleted: 2, conflicts: 1, unchanged: 53 });
  });

  it.each(["before", "after"] as const)("killed %s any one of its calls, goes on to the same result", async (when) => {
    for (let nth = 1; ; nth += 1) {
      const world = await copied(24);
      await change(world, 1);
      const { store: destination, isReached } = dying(world.destination, nth, when);
      const finished = await world.copy({ ...PROPAGATE, destination }).then(() => true, () => false);
      await change(world, 2);
      const table = only(await world.copy(PROPAGATE));
      expect({ nth, ...table }).toMatchObject({ nth, verdict: "equal", conflicts: 0, missing: 0, extra: 0 });
      expect(await world.texts(world.destination)).toEqual(await world.texts(world.source));
      const { entries, versions } = await entriesOf(world);
      expect({ nth, entries, versions }).toEqual({ nth, entries: table.source.count, versions: table.source.count });
      if (finished && !isReached()) return;
    }
  });

  it("lets go of receipts of rows that neither side has any more", async () => {
    const world = await copied(30);
    await world.remove(world.source, keyAt(4));
    await world.remove(world.destination, keyAt(4));
    expect(only(await world.copy(PROPAGATE))).toMatchObject({ verdict: "equal", written: 0, deleted: 0 });
    expect(await entriesOf(world)).toMatchObject({ entries: 29, versions: 29 });
  });

  it("deletes what only the destination had before the first pass, where told so", async () => {
    const world = new World();
    await world.seed(10);
    await world.put(world.destination, keyAt(99), { old: true });
    expect(only(await world.copy(PROPAGATE))).toMatchObject({ verdict: "equal", deleted: 1, extra: 0 });
  });
});
