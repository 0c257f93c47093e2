import { GROWN_KEYS_MAX } from "../../migration/engine/cutGrown";
import { JOURNAL_TABLE } from "../../migration/engine/journal";
import { RECEIPTS_BYTES_MAX, receiptsIn } from "../../migration/engine/receipts";
import { tableJournal } from "../../migration/stores/azureTables/journal";
import { only, TABLE, World } from "./world";

/** So few rows fill a round that this takes some. */
jest.mock("../../migration/engine/bucketRounds", () => ({
  ...jest.requireActual<object>("../../migration/engine/bucketRounds"),
  ROUND_BYTES_MAX: 600 * 1024,
}));

World.unorderedDestination = true;

const PROPAGATE = { settings: { deletes: "propagate" as const } };

describe("a segment to which a comparison adds rows", () => {
  it("is cut before its record outgrows one binary property, and every receipt stays where its row is", async () => {
    const world = new World();
    await world.seedInOnePartition(1_000);
    await world.put(world.source, { partitionKey: "z", rowKey: "last" }, { n: 1 });
    await world.copy(PROPAGATE);
    // All of them within one recorded segment; and two rows are gone from the source, and stay in the destination.
    const operations = Array.from({ length: 2_000 }, (_, at) => {
      const key = { partitionKey: "p", rowKey: `000500-${String(at).padStart(5, "0")}` };
      const body = Buffer.from(JSON.stringify({ PartitionKey: "p", RowKey: key.rowKey, n: at }));
      return { kind: "insert" as const, key, body };
    });
    for (let at = 0; at < 2_000; at += 100) await world.source.write(TABLE, operations.slice(at, at + 100));
    const [gone, taken] = ["000100", "000900"].map((rowKey) => ({ partitionKey: "p", rowKey }));
    if (!gone || !taken) throw new Error("two keys");
    for (const key of [gone, taken]) await world.remove(world.source, key);
    expect(only(await world.copy())).toMatchObject({ verdict: "different", written: 2_000, extra: 2, conflicts: 0 });

    const journal = tableJournal(world.destination, JOURNAL_TABLE, { clock: world.clock });
    const migration = { source: world.source.identity, table: TABLE, destinationTable: TABLE };
    const entries = async () => {
      const segments = await journal.readSegments(migration, 0);
      for (const { receipts } of segments) {
        expect(receipts.length / 17).toBeLessThanOrEqual(GROWN_KEYS_MAX);
        expect(receipts.length).toBeLessThanOrEqual(RECEIPTS_BYTES_MAX);
      }
      const ends = segments.map(({ upTo: { partitionKey, rowKey } }) => `${partitionKey} ${rowKey}`);
      expect(ends).toEqual([...ends].sort());
      return segments.flatMap(({ receipts }) => [...receiptsIn(receipts)]).length;
    };
    expect(await entries()).toBe(3_001);
    expect((await journal.readSegments(migration, 0)).length).toBeGreaterThan(3);

    await world.put(world.source, { partitionKey: "p", rowKey: "000500-00700" }, { n: -1 });
    await world.put(world.source, { partitionKey: "p", rowKey: "000200" }, { n: -2 });
    await world.put(world.destination, taken, { mine: true });
    const table = only(await world.copy(PROPAGATE));
    expect(table).toMatchObject({ verdict: "different", written: 2, deleted: 1, conflicts: 1 });
    expect(world.differences.at(-1)).toMatchObject(taken);
    expect(await entries()).toBe(3_000);
  }, 120_000);
});
