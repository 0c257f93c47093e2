import type { TransactionAction } from "@azure/data-tables";
import {
  AzureNamedKeyCredential, AzureSASCredential, generateTableSas, odata, RestError, TableClient, TableServiceClient,
} from "@azure/data-tables";
import type { SimulatedServer } from "./index";
import { COSMOS, serve, serveRaw, SimulatedTableService } from "./index";

const KEY = Buffer.from("the first key of the simulated account").toString("base64");
const named = new AzureNamedKeyCredential("contoso", KEY);
const options = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } };

describe.each([
  ["node:http", serve],
  ["bare sockets", serveRaw],
])("the official SDK against the simulated Cosmos DB on %s", (_title, start) => {
  let server: SimulatedServer;
  let service: SimulatedTableService;
  let endpoint: string;
  let tables: TableServiceClient;
  const client = (table: string) => new TableClient(endpoint, table, named, options);

  beforeAll(async () => {
    service = new SimulatedTableService({
      accounts: [{ name: "contoso", key: KEY }], profile: COSMOS, paging: { pageRowsMax: 40 },
    });
    server = await start(service);
    // By this name, and not by the address, the SDK takes the service for Cosmos DB: it then merges by POST.
    endpoint = `http://localhost:${server.port}/contoso`;
    tables = new TableServiceClient(endpoint, named, options);
  });

  afterAll(() => server.close());

  async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
    const all: T[] = [];
    for await (const item of items) all.push(item);
    return all;
  }

  it("creates, lists and deletes tables, and tells their names apart by case", async () => {
    await tables.createTable("Listed");
    await tables.createTable("Listed");
    await tables.createTable("listed");
    const names = async () => (await collect(tables.listTables())).map(({ name }) => name);
    expect(await names()).toEqual(expect.arrayContaining(["Listed", "listed"]));
    await tables.deleteTable("Listed");
    expect(await names()).toContain("listed");
    expect(await names()).not.toContain("Listed");
  });

  it("inserts, reads, replaces, merges and deletes a row under its ETag", async () => {
    const rows = client("Crud");
    await rows.createTable();
    const key = { partitionKey: "it's", rowKey: "100% no" };
    const { etag } = await rows.createEntity({
      ...key, text: "one", big: 12345678901234n, when: new Date("2026-01-01T00:00:00Z"), half: 0.5,
    });
    const read = await rows.getEntity(key.partitionKey, key.rowKey);
    expect(read).toMatchObject({ ...key, text: "one", big: 12345678901234n, half: 0.5, etag });
    expect(read["when"]).toEqual(new Date("2026-01-01T00:00:00Z"));
    const merged = await rows.updateEntity({ ...key, more: new Uint8Array([1, 2]) }, "Merge", { etag: etag ?? "" });
    expect(service.log.at(-1)).toMatchObject({ method: "POST", status: 204 });
    expect(await rows.getEntity(key.partitionKey, key.rowKey)).toMatchObject({ text: "one", more: expect.anything() });
    await expect(rows.updateEntity({ ...key, late: 1 }, "Replace", { etag: etag ?? "" })).rejects.toMatchObject({
      statusCode: 412,
    });
    await rows.updateEntity({ ...key, only: "this" }, "Replace", { etag: merged.etag ?? "" });
    expect(await rows.getEntity(key.partitionKey, key.rowKey)).not.toHaveProperty("text");
    await rows.upsertEntity({ ...key, again: true }, "Merge");
    expect(await rows.getEntity(key.partitionKey, key.rowKey)).toMatchObject({ only: "this", again: true });
    await rows.deleteEntity(key.partitionKey, key.rowKey);
    await expect(rows.getEntity(key.partitionKey, key.rowKey)).rejects.toMatchObject({ statusCode: 404 });
  });

  it("follows continuations over all rows, in whatever order, and filters and selects", async () => {
    const rows = client("Pages");
    await rows.createTable();
    for (const partitionKey of ["a", "b"]) {
      const actions = Array.from({ length: 60 }, (_, n): TransactionAction => [
        "create", { partitionKey, rowKey: String(n).padStart(3, "0"), n },
      ]);
      const { status, subResponses } = await rows.submitTransaction(actions);
      expect([status, subResponses.length]).toEqual([202, 60]);
      expect(subResponses.every((one) => one.status === 204 && one.etag !== undefined)).toBe(true);
    }
    const keys = (await collect(rows.listEntities())).map((row) => `${row.partitionKey}${row.rowKey}`);
    expect(new Set(keys).size).toBe(120);
    expect(keys).not.toEqual([...keys].sort());
    const filter = odata`PartitionKey eq ${"b"} and n ge ${57}`;
    const some = await collect(rows.listEntities<{ n: number }>({ queryOptions: { filter, select: ["n"] } }));
    expect(some.map(({ n }) => n).sort()).toEqual([57, 58, 59]);
  });

  it("does a transaction of every kind, as a whole or not at all, and names the operation refused", async () => {
    const rows = client("Atomic");
    await rows.createTable();
    for (const rowKey of ["merged", "replaced", "gone"]) {
      await rows.createEntity({ partitionKey: "p", rowKey, kept: 1 });
    }
    const row = (rowKey: string) => ({ partitionKey: "p", rowKey, fresh: 2 });
    const actions: TransactionAction[] = [
      ["update", row("merged"), "Merge"], ["update", row("replaced"), "Replace"], ["upsert", row("upserted"), "Merge"],
      ["delete", { partitionKey: "p", rowKey: "gone" }], ["create", row("created")],
    ];
    await rows.submitTransaction(actions);
    expect(service.account("contoso").rows("Atomic").map(({ rowKey, properties }) => [rowKey, [...properties.keys()]]))
      .toEqual([
        ["created", ["fresh"]], ["merged", ["kept", "fresh"]], ["replaced", ["fresh"]], ["upserted", ["fresh"]],
      ]);
    const refused = await rows.submitTransaction([["create", row("free")], ["create", row("created")]])
      .catch((caught: unknown) => caught);
    expect(refused).toBeInstanceOf(RestError);
    expect(refused).toMatchObject({ code: "EntityAlreadyExists", statusCode: 409 });
    expect((refused as Error).message).toMatch(/^1:The specified entity already exists\./);
    expect(service.account("contoso").rowCount("Atomic")).toBe(4);
  });

  it("is refused reserved names, empty keys and policies", async () => {
    const rows = client("Refused");
    await rows.createTable();
    const key = { partitionKey: "p", rowKey: "r" };
    await expect(rows.createEntity({ ...key, id: "x" })).rejects.toMatchObject({ statusCode: 400 });
    await expect(rows.createEntity({ partitionKey: "p", rowKey: "" })).rejects.toThrow("PropertiesNeedValue");
    await expect(rows.getAccessPolicy()).rejects.toMatchObject({ statusCode: 501 });
    expect(service.account("contoso").rowCount("Refused")).toBe(0);
  });

  it("takes its table SAS, within its rights only", async () => {
    await client("Shared").createTable();
    const sas = generateTableSas("Shared", named, {
      permissions: { query: true, add: true }, expiresOn: new Date(Date.now() + 60_000),
    });
    const shared = new TableClient(endpoint, "Shared", new AzureSASCredential(sas), options);
    await shared.createEntity({ partitionKey: "p", rowKey: "r" });
    expect(await collect(shared.listEntities())).toHaveLength(1);
    await expect(shared.deleteEntity("p", "r")).rejects.toMatchObject({ statusCode: 403 });
  });

  it("waits out a 429 and goes on, with the retries it has by itself", async () => {
    const patient = new TableClient(endpoint, "Throttled", named, { allowInsecureConnection: true });
    await patient.createTable();
    service.faults.add({ kind: "tooManyRequests", times: 2, retryAfterMs: 20 });
    await patient.createEntity({ partitionKey: "p", rowKey: "r" });
    expect(service.log.slice(-3).map(({ status }) => status)).toEqual([429, 429, 204]);
  });
});
