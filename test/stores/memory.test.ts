import type { WriteOperation } from "../../migration/engine/store";
import { memoryStore, type MemoryStore } from "../../migration/stores/memory";

let now = Date.UTC(2026, 0, 1);
let store: MemoryStore;

function operation(kind: WriteOperation["kind"], rowKey: string, rest = "", version?: string): WriteOperation {
  const body = Buffer.from(`{"PartitionKey":"p","RowKey":${JSON.stringify(rowKey)}${rest}}`);
  return {
    kind, key: { partitionKey: "p", rowKey },
    ...(kind === "delete" ? {} : { body }), ...(version === undefined ? {} : { version }),
  };
}

async function text(rowKey: string): Promise<string | undefined> {
  const row = await store.readRow("Cities", { partitionKey: "p", rowKey });
  return row && Buffer.from(row.body).toString();
}

beforeEach(async () => {
  store = memoryStore({ name: "Contoso", now: () => now });
  await store.createTable("Cities");
});

describe("the store in memory", () => {
  it("finds tables whatever the case of their names, and says when one is missing", async () => {
    expect(await store.createTable("cities")).toBe("existed");
    expect(await store.tableExists("CITIES")).toBe(true);
    expect(await store.listTables()).toEqual(["Cities"]);
    await store.deleteTable("Cities");
    await expect(store.readPage("Cities", {})).rejects.toMatchObject({ code: "TableNotFound", status: 404 });
    await expect(store.write("Cities", [operation("insert", "1")])).rejects.toMatchObject({ code: "TableNotFound" });
  });

  it("gives a row back as the wire would: annotated, without nulls, digested, with ETag and 100 ns time", async () => {
    const outcome = await store.write("Cities", [operation("insert", "1", ',"D":1.0,"N":null,"timestamp":"mine"')]);
    expect(await text("1")).toBe(
      '{"PartitionKey":"p","RowKey":"1","D@odata.type":"Edm.Double","D":1.0,"timestamp":"mine"}',
    );
    const [row] = store.rows("Cities");
    expect(row?.modified).toBe("2026-01-01T00:00:00.0000000Z");
    expect(outcome).toEqual({ committed: true, versions: [row?.version] });
    expect(row?.digest).not.toBe(0n);
  });

  it("never gives two versions the same time, however fast they follow", async () => {
    const operations = ["1", "2", "3"].map((rowKey) => operation("insert", rowKey));
    const outcome = await store.write("Cities", operations);
    expect(new Set(outcome.committed ? outcome.versions : []).size).toBe(3);
  });

  it.each([
    ["insert", "there", undefined, "exists"],
    ["replace", "there", "W/\"old\"", "changed"],
    ["merge", "there", "W/\"old\"", "changed"],
    ["delete", "there", "W/\"old\"", "changed"],
    ["replace", "not there", "*", "gone"],
    ["merge", "not there", "*", "gone"],
    ["delete", "not there", "*", "gone"],
  ] as const)("refuses a %s of a row that is %s with version %s: %s", async (kind, where, version, reason) => {
    await store.put("Cities", { PartitionKey: "p", RowKey: "there", A: 1 });
    const fine = operation("putReplace", "other");
    const outcome = await store.write("Cities", [fine, operation(kind, where, "", version)]);
    expect(outcome).toMatchObject({ committed: false, failedIndex: 1, reason });
    expect(store.rows("Cities").map(({ rowKey }) => rowKey)).toEqual(["there"]);
  });

  it("replaces whole rows and merges into them; a null in a merge changes nothing", async () => {
    const { version } = await store.put("Cities", '{"PartitionKey":"p","RowKey":"1","A":1,"B":2}');
    const merged = operation("merge", "1", ',"B@odata.type":"Edm.Int64","B":"3","A":null,"C":4', version);
    await store.write("Cities", [merged]);
    expect(await text("1")).toBe(
      '{"PartitionKey":"p","RowKey":"1","A":1,"B@odata.type":"Edm.Int64","B":"3","C":4}',
    );
    await store.write("Cities", [operation("replace", "1", ',"D":5', "*")]);
    expect(await text("1")).toBe('{"PartitionKey":"p","RowKey":"1","D":5}');
    await store.write("Cities", [operation("putMerge", "1", ',"E":6'), operation("putMerge", "2", ',"F":7')]);
    expect(await text("1")).toBe('{"PartitionKey":"p","RowKey":"1","D":5,"E":6}');
    expect(await text("2")).toBe('{"PartitionKey":"p","RowKey":"2","F":7}');
    await store.write("Cities", [operation("delete", "1", "", "*")]);
    expect(await text("1")).toBeUndefined();
  });

  it("refuses what Storage refuses, and the same row twice in a batch", async () => {
    const bad = operation("insert", "2", ',"a-b":1');
    expect(await store.write("Cities", [operation("insert", "1"), bad])).toMatchObject({
      committed: false, failedIndex: 1, reason: "invalid", error: { code: "PropertyNameInvalid" },
    });
    expect(await store.write("Cities", [operation("insert", "1"), operation("putMerge", "1")])).toMatchObject({
      committed: false, failedIndex: 1, reason: "invalid", error: { code: "InvalidDuplicateRow" },
    });
    expect(store.rows("Cities")).toEqual([]);
  });

  it("pages in ordinal order within a range, with changes since and keys only", async () => {
    const keys = [["B", "a"], ["a", ""], ["a", "10"], ["a", "9"], ["é", "x"]] as const;
    for (const [PartitionKey, RowKey] of [...keys].reverse()) {
      now += 1000;
      await store.put("Cities", { PartitionKey, RowKey });
    }
    const read: string[][] = [];
    let continuation: Readonly<Record<string, string>> | undefined;
    do {
      const page = await store.readPage("Cities", { rowsMax: 2, continuation });
      read.push(...page.rows.map(({ partitionKey, rowKey }) => [partitionKey, rowKey]));
      continuation = page.next;
    } while (continuation !== undefined);
    expect(read).toEqual(keys);
    const range = { after: { partitionKey: "a", rowKey: "" }, upTo: { partitionKey: "a", rowKey: "9" } };
    expect((await store.readPage("Cities", { range })).rows.map(({ rowKey }) => rowKey)).toEqual(["10", "9"]);
    const changedSince = store.rows("Cities")[1]?.modified;
    const changed = await store.readPage("Cities", { changedSince, keysOnly: true });
    expect(changed.rows.map(({ partitionKey }) => partitionKey)).toEqual(["B", "a"]);
    expect(changed.rows[0]).toMatchObject({ body: new Uint8Array(0), digest: 0n });
    expect(changed.serverTimeMs).toBe(Math.floor(now / 1000) * 1000);
  });

  it("refuses a filter it was not taught, rather than return everything", async () => {
    await expect(store.readPage("Cities", { filter: "A eq 1" })).rejects.toMatchObject({ code: "InvalidInput" });
  });

  it("lets a test play somebody else: put, remove, rows", async () => {
    const first = await store.put("Cities", { PartitionKey: "p", RowKey: "1", A: 1 });
    const second = await store.put("Cities", { PartitionKey: "p", RowKey: "1", A: 2 });
    expect(second.version).not.toBe(first.version);
    expect(store.rows("Cities")).toEqual([second]);
    expect(store.remove("Cities", second)).toBe(true);
    expect(store.remove("Cities", second)).toBe(false);
  });
});
