import type { ForeignChange, ForeignWriterOptions, StoredEntity } from "./index";
import { ForeignWriter, SimulatedTableService } from "./index";
import { RawClient } from "./rawClient";

const ROWS = Array.from({ length: 40 }, (_, n) => `{"PartitionKey":"p${n % 3}","RowKey":"${n}","n":${n}}`);

function busy(options: Partial<ForeignWriterOptions> = {}) {
  const service = new SimulatedTableService({ accounts: [{ name: "contoso" }], now: () => Date.UTC(2026, 0, 1) });
  const account = service.account("contoso");
  account.seedJson("Rows", ROWS);
  account.seedJson("Others", ROWS);
  const writer = new ForeignWriter({ account, tables: ["Rows"], seed: 1, chance: 1, ...options });
  const stop = service.letWrite(writer);
  return { service, account, writer, stop, client: new RawClient(service, "contoso", () => Date.UTC(2026, 0, 1)) };
}

const keyOf = (row: { partitionKey: string; rowKey: string }) => `${row.partitionKey}|${row.rowKey}`;

/** What the log says became of a table that began with these rows. */
function replay(rows: readonly StoredEntity[], log: readonly ForeignChange[]): StoredEntity[] {
  const now = new Map(rows.map((row) => [keyOf(row), row]));
  for (const change of log) {
    if (change.after === undefined) now.delete(keyOf(change));
    else now.set(keyOf(change), change.after);
  }
  return [...now.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

describe("somebody else who writes between requests", () => {
  async function requests(client: RawClient, count: number) {
    for (let n = 0; n < count; n += 1) await client.send("GET", "/Rows()", { query: "$top=1" });
  }

  it("changes, inserts and deletes rows, and its log tells the table's whole story", async () => {
    const { account, writer, client } = busy();
    const before = account.rows("Rows");
    await requests(client, 200);
    const { log } = writer;
    expect(log.length).toBeGreaterThan(150);
    expect(new Set(log.map(({ kind }) => kind))).toEqual(new Set(["insert", "replace", "merge", "delete"]));
    const sorted = [...account.rows("Rows")].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    expect(sorted).toEqual(replay(before, log));
    expect(account.rows("Others")).toHaveLength(ROWS.length);
    for (const change of log) {
      expect(change.before === undefined).toBe(change.kind === "insert");
      expect(change.after === undefined).toBe(change.kind === "delete");
      if (change.before && change.after) expect(change.after.ticks).toBeGreaterThan(change.before.ticks);
      if (change.kind === "merge") {
        expect([...(change.after?.properties.keys() ?? [])]).toEqual(
          expect.arrayContaining([...(change.before?.properties.keys() ?? [])]),
        );
      }
    }
  });

  it("does the same from the same seed, and something else from another", async () => {
    const story = async (seed: number) => {
      const { writer, client } = busy({ seed, chance: 0.5 });
      await requests(client, 60);
      return writer.log.map(({ kind, partitionKey, rowKey, requests: n }) => [kind, partitionKey, rowKey, n]);
    };
    expect(await story(4)).toEqual(await story(4));
    expect(await story(4)).not.toEqual(await story(5));
  });

  it("acts before the request that follows, as rarely as it is told, and no more often than it may", async () => {
    const { service, writer, client, account } = busy({ changesMax: 1, weights: { delete: 1 } });
    const { text } = await client.send("GET", "/Rows()");
    const [change] = writer.log;
    expect(change).toMatchObject({ kind: "delete", requests: 0 });
    expect(text.match(/RowKey/g)).toHaveLength(ROWS.length - 1);
    await requests(client, 20);
    expect(writer.log).toHaveLength(1);
    const rare = new ForeignWriter({ account, tables: ["Others"], seed: 2, chance: 0.1 });
    service.letWrite(rare);
    await requests(client, 300);
    expect(rare.log.length).toBeGreaterThan(10);
    expect(rare.log.length).toBeLessThan(60);
  });

  it("does only what its weights allow, writes what it is given, and leaves missing tables alone", async () => {
    const { writer, client, account } = busy({
      tables: ["Nowhere", "Rows"], weights: { insert: 1, replace: 3 }, members: (n) => `"mine":${n},"d":1.0`,
    });
    await requests(client, 60);
    expect(new Set(writer.log.map(({ kind, table }) => `${kind} ${table}`))).toEqual(
      new Set(["insert Rows", "replace Rows"]),
    );
    const last = writer.log.at(-1);
    const row = account.row("Rows", last?.partitionKey ?? "", last?.rowKey ?? "");
    expect(row?.properties.get("mine")).toEqual({ type: "Edm.Int32", value: writer.log.length - 1 });
    expect(row?.properties.get("d")).toEqual({ type: "Edm.Double", value: 1 });
  });

  it("pauses, goes on, and stops for good", async () => {
    const { writer, client, stop } = busy();
    writer.pause();
    await requests(client, 5);
    expect(writer.log).toHaveLength(0);
    writer.resume();
    await requests(client, 5);
    expect(writer.log).toHaveLength(5);
    stop();
    await requests(client, 5);
    expect(writer.log).toHaveLength(5);
  });
});
