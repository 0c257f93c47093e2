import { JOURNAL_TABLE } from "../../../migration/engine/journal";
import { tableJournal } from "../../../migration/stores/azureTables/journal";
import { only, TABLE, World } from "../../engine/world";

describe("a journal that somebody else wrote into", () => {
  const tampered = async (rowKey: (own: string) => string, change: (receipts: string) => string) => {
    const world = new World();
    await world.seedInOnePartition(50);
    await world.copy();
    const { rows } = await world.destination.readPage(JOURNAL_TABLE, {});
    const segment = rows.find((row) => row.rowKey.startsWith("segment-"));
    if (segment === undefined) throw new Error("The copy left no receipts.");
    const members = JSON.parse(Buffer.from(segment.body).toString("utf8")) as Record<string, string>;
    const key = { partitionKey: segment.partitionKey, rowKey: rowKey(segment.rowKey) };
    const receipts = change(members["receipts"] ?? "");
    const body = Buffer.from(JSON.stringify({ ...members, RowKey: key.rowKey, receipts }));
    const outcome = await world.destination.write(JOURNAL_TABLE, [{ kind: "putReplace", key, body }]);
    if (!outcome.committed) throw outcome.error;
    return world;
  };
  const ownKey = (own: string) => own;
  const ownReceipts = (receipts: string) => receipts;
  const cutShort = (receipts: string) => Buffer.from(receipts, "base64").subarray(1).toString("base64");

  it.each([
    ["receipts of a length that receipts do not have", ownKey, cutShort, /segment-\d{16}.*no usable receipts/],
    ["a row key that is no sequence", () => "segment-zzz", ownReceipts, /segment-zzz.*no usable sequence/],
    ["a row key without leading zeros", () => "segment-7", ownReceipts, /segment-7.*no usable sequence/],
  ])("is refused with what to do for %s", async (_, rowKey, change, message) => {
    const world = await tampered(rowKey, change);
    const journal = tableJournal(world.destination, JOURNAL_TABLE, { clock: world.clock });
    const migration = { source: world.source.identity, table: TABLE, destinationTable: TABLE };
    const reading = journal.readSegments(migration, 0);
    await expect(reading).rejects.toMatchObject({ name: "OperationalError", code: "JournalUnreadable" });
    await expect(reading).rejects.toThrow(message);
    // A run says so, too, and is no defect of ours.
    const outcome = only(await world.copy());
    expect(outcome.error).toMatchObject({ code: "JournalUnreadable" });
    expect(outcome.error?.message).toMatch(/Delete the journal's table to start over/);
  });

  it("is read as before when nothing was changed", async () => {
    const world = await tampered(ownKey, ownReceipts);
    expect(only(await world.copy())).toMatchObject({ verdict: "equal" });
  });
});
