import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAzurite, type Azurite } from "../../../local/emulators/azurite";
import { compareKeys, type Row, type RowKey } from "../../../migration/engine/row";
import type { Continuation, PageRequest, Store, WriteOperation } from "../../../migration/engine/store";
import { azureTablesFormat, openAzureTables } from "../../../migration/stores/azureTables";

const KEYS = [1, 2].map((n) => Buffer.from(`key ${n} of a test account`).toString("base64")) as [string, string];

let folder: string;
let azurite: Azurite;
let store: Store;

function entity({ partitionKey, rowKey }: RowKey, rest = ""): Buffer {
  return Buffer.from(`{"PartitionKey":${JSON.stringify(partitionKey)},"RowKey":${JSON.stringify(rowKey)}${rest}}`);
}

function insert(partitionKey: string, rowKey: string, rest = ""): WriteOperation {
  const key = { partitionKey, rowKey };
  return { kind: "insert", key, body: entity(key, rest) };
}

async function readAll(table: string, request: PageRequest): Promise<Row[]> {
  const rows: Row[] = [];
  let continuation: Continuation | undefined;
  do {
    const page = await store.readPage(table, { ...request, continuation });
    rows.push(...page.rows);
    continuation = page.next;
  } while (continuation !== undefined);
  return rows;
}

/** An account SAS for tables, as the portal mints one (version 2019-02-02). */
function accountSas(permissions: string, key: string, expiry: string): string {
  const version = "2019-02-02";
  const signed = ["contoso", permissions, "t", "co", "", expiry, "", "https,http", version, ""].join("\n");
  const signature = createHmac("sha256", Buffer.from(key, "base64")).update(signed).digest("base64");
  return new URLSearchParams({
    sv: version, ss: "t", srt: "co", sp: permissions, se: expiry, spr: "https,http", sig: signature,
  }).toString();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "landbridge-azurite-"));
  azurite = await startAzurite({ accounts: [{ name: "contoso", keys: KEYS }], folder });
  store = openAzureTables({
    kind: "sharedKey", account: "contoso", endpoint: azurite.endpoint("contoso"), key: KEYS[0],
  });
});

afterAll(async () => {
  await store.close();
  await azurite.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("the store against Azurite", () => {
  it("creates, finds, lists and deletes tables", async () => {
    expect(await store.tableExists("Fleeting")).toBe(false);
    expect(await store.createTable("Fleeting")).toBe("created");
    expect(await store.createTable("Fleeting")).toBe("existed");
    expect(await store.tableExists("Fleeting")).toBe(true);
    expect(await store.listTables()).toContain("Fleeting");
    await store.deleteTable("Fleeting");
    await store.deleteTable("Fleeting");
    expect(await store.tableExists("Fleeting")).toBe(false);
  });

  it("brings values back as they were written, and writes what it read without a change", async () => {
    await store.createTable("Zoo");
    const zoo = ',"D":1.0,"Big":6824053932181.0,"Tiny":4.9E-324,"Huge":1e300,"N@odata.type":"Edm.Double","N":"NaN",' +
      '"Inf@odata.type":"Edm.Double","Inf":"-Infinity","L@odata.type":"Edm.Int64","L":"9007199254740993",' +
      '"T@odata.type":"Edm.DateTime","T":"2020-02-29T00:00:00.1234567Z","S":"\\u00e9\\"\\\\/😀","E":"","Num":"1.0",' +
      '"G@odata.type":"Edm.Guid","G":"c9da6455-213d-42c9-9a79-3e9149a57833",' +
      '"B@odata.type":"Edm.Binary","B":"AAEC/w==",' +
      '"I":-5,"Yes":true,"partitionKey":"a","rowKey":"b","etag":"c","timestamp":"d","a":1,"A":2';
    const key = { partitionKey: "zoo", rowKey: "1" };
    // Bare Doubles are annotated as a copy would, since Azurite drops ".0" otherwise.
    const annotated = zoo.replace(/"(D|Big|Tiny|Huge)":/g, '"$1@odata.type":"Edm.Double","$1":');
    const written = await store.write("Zoo", [{ kind: "insert", key, body: entity(key, annotated) }]);
    expect(written.committed).toBe(true);
    const first = await store.readRow("Zoo", key);
    expect(first?.version).toBe(written.committed ? written.versions[0] : "?");
    await store.write("Zoo", [{ kind: "replace", key, version: first?.version, body: first?.body }]);
    const second = await store.readRow("Zoo", key);
    expect(second?.version).not.toBe(first?.version);
    expect(second?.digest).toBe(first?.digest);
    expect(azureTablesFormat.differences(first as Row, second as Row, "replace")).toEqual([]);
    const expected = { ...(first as Row), body: entity(key, annotated) };
    expect(azureTablesFormat.differences(expected, second as Row, "replace")).toEqual([]);
  });

  it("reaches rows under awkward keys, alone and in batches", async () => {
    await store.createTable("Keys");
    const parts = [
      "", "'", "''", "a b", "100%", "%20", "+&=,;:@$!*()", "é", "😀", "名前", "\"quoted\"", "(x)", "~^`{}|<>",
    ];
    for (const partitionKey of parts) {
      const operations = parts.map((rowKey) => insert(partitionKey, rowKey, ',"A":1'));
      await expect(store.write("Keys", operations)).resolves.toMatchObject({ committed: true });
    }
    for (const partitionKey of parts) {
      const key = { partitionKey, rowKey: partitionKey };
      expect(await store.readRow("Keys", key)).toMatchObject(key);
      const outcome = await store.write("Keys", [{ kind: "merge", key, version: "*", body: entity(key, ',"B":2') }]);
      expect(outcome.committed).toBe(true);
    }
    const rows = await readAll("Keys", {});
    expect(rows).toHaveLength(parts.length ** 2);
    expect(rows).toEqual([...rows].sort(compareKeys));
    expect(new Set(rows.map(({ digest }) => digest)).size).toBe(rows.length);
  });

  it("reads a range in small pages: exactly the rows in it, in order", async () => {
    await store.createTable("Ranges");
    const keys: RowKey[] = [];
    for (const partitionKey of ["", "a", "a'b", "b", "c"]) {
      const rowKeys = ["", "1", "2'", "3", "4"];
      keys.push(...rowKeys.map((rowKey) => ({ partitionKey, rowKey })));
      await store.write("Ranges", rowKeys.map((rowKey) => insert(partitionKey, rowKey)));
    }
    keys.sort(compareKeys);
    const bounds = [undefined, ...keys.filter((_, i) => i % 3 === 0), { partitionKey: "b", rowKey: "zz" }];
    for (const after of bounds) {
      for (const upTo of bounds) {
        const wanted = keys.filter((key) =>
          (after === undefined || compareKeys(key, after) > 0) && (upTo === undefined || compareKeys(key, upTo) <= 0));
        const rows = await readAll("Ranges", { range: { after, upTo }, rowsMax: 4, keysOnly: true });
        expect(rows.map(({ partitionKey, rowKey }) => ({ partitionKey, rowKey }))).toEqual(wanted);
      }
    }
  });

  it("applies a filter and a time besides the range", async () => {
    await store.createTable("Filters");
    await store.write("Filters", ["1", "2", "3"].map((rowKey, i) => insert("p", rowKey, `,"Size":${i}`)));
    const rows = await readAll("Filters", { filter: "Size eq 0 or Size eq 2" });
    expect(rows.map(({ rowKey }) => rowKey)).toEqual(["1", "3"]);
    const range = { after: { partitionKey: "p", rowKey: "1" } };
    expect((await readAll("Filters", { range, filter: "Size eq 0 or Size eq 2" })).map(({ rowKey }) => rowKey))
      .toEqual(["3"]);
    expect(await readAll("Filters", { changedSince: "2999-01-01T00:00:00Z" })).toEqual([]);
    expect(await readAll("Filters", { changedSince: rows[0]?.modified })).toHaveLength(3);
    await expect(store.readPage("Filters", { filter: "not a filter" })).rejects.toMatchObject({ status: 400 });
  });

  it("writes a batch of every kind, whole or not at all", async () => {
    await store.createTable("Batches");
    const inserted = await store.write("Batches", ["1", "2", "3", "4"].map((rowKey) => insert("p", rowKey, ',"A":1')));
    const versions = inserted.committed ? inserted.versions : [];
    const key = (rowKey: string) => ({ partitionKey: "p", rowKey });
    const of = (kind: WriteOperation["kind"], rowKey: string, version?: string): WriteOperation => ({
      kind, key: key(rowKey), version, body: kind === "delete" ? undefined : entity(key(rowKey), ',"B":2'),
    });
    const stale = [of("replace", "1", versions[0]), of("delete", "2", versions[0])];
    expect(await store.write("Batches", stale)).toMatchObject({ committed: false, failedIndex: 1, reason: "changed" });
    const absent = [of("replace", "1", versions[0]), of("merge", "9", "*")];
    expect(await store.write("Batches", absent)).toMatchObject({ committed: false, failedIndex: 1, reason: "gone" });
    const there = [of("replace", "1", versions[0]), of("insert", "2")];
    expect(await store.write("Batches", there)).toMatchObject({ committed: false, failedIndex: 1, reason: "exists" });
    const good = [
      of("replace", "1", versions[0]), of("merge", "2", versions[1]), of("delete", "3", versions[2]),
      of("putReplace", "4"), of("putMerge", "5"),
    ];
    const outcome = await store.write("Batches", good);
    expect(outcome.committed).toBe(true);
    const rows = await readAll("Batches", {});
    expect(rows.map(({ rowKey, version }) => [rowKey, version])).toEqual(
      [0, 1, 3, 4].map((i) => [good[i]?.key.rowKey, outcome.committed ? outcome.versions[i] : "?"]),
    );
    const names = rows.map(({ body }) => Buffer.from(body).toString().match(/"[AB]"/g)?.join(""));
    expect(names).toEqual(['"B"', '"A""B"', '"B"', '"B"']);
  });

  it("opens with an account SAS, and names the right it lacks", async () => {
    await store.createTable("Granted");
    const endpoint = azurite.endpoint("contoso");
    const open = (sas: string) => openAzureTables({ kind: "accountSas", account: "contoso", endpoint, sas });
    const whole = open(accountSas("raudlc", KEYS[1], "2999-01-01T00:00:00Z"));
    const written = await whole.write("Granted", [insert("p", "1"), insert("p", "2")]);
    expect(written.committed).toBe(true);
    expect(await whole.listTables()).toContain("Granted");
    const reader = open(accountSas("r", KEYS[1], "2999-01-01T00:00:00Z"));
    expect((await reader.readPage("Granted", {})).rows).toHaveLength(2);
    await expect(reader.write("Granted", [insert("p", "3")])).rejects.toThrow("lacks add (a)");
    const expired = open(accountSas("r", KEYS[1], "2020-01-01T00:00:00Z"));
    await expect(expired.readPage("Granted", {})).rejects.toThrow("The SAS expired at 2020-01-01T00:00:00Z");
    const forged = open(accountSas("r", Buffer.from("another key").toString("base64"), "2999-01-01T00:00:00Z"));
    await expect(forged.readPage("Granted", {})).rejects.toMatchObject({ status: 403, retryable: false });
    for (const each of [whole, reader, expired, forged]) await each.close();
  });
});
