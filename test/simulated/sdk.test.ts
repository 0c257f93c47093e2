import {
  AzureNamedKeyCredential,
  AzureSASCredential,
  generateAccountSas,
  generateTableSas,
  odata,
  RestError,
  TableClient,
  TableServiceClient,
  TableTransaction,
} from "@azure/data-tables";
import type { SimulatedServer } from "./index";
import { serve, serveRaw, sign, SimulatedTableService } from "./index";

const KEY = Buffer.from("the first key of the simulated account").toString("base64");
const named = new AzureNamedKeyCredential("contoso", KEY);
const options = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } };

describe.each([
  ["node:http", serve],
  ["bare sockets", serveRaw],
])("the official SDK against the simulated table service on %s", (_title, start) => {
  let server: SimulatedServer;
  let service: SimulatedTableService;
  let tables: TableServiceClient;
  const client = (table: string) => new TableClient(server.endpoint("contoso"), table, named, options);

  beforeAll(async () => {
    service = new SimulatedTableService({ accounts: [{ name: "contoso", key: KEY }], paging: { pageRowsMax: 40 } });
    server = await start(service);
    tables = new TableServiceClient(server.endpoint("contoso"), named, options);
  });

  afterAll(() => server.close());

  async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
    const all: T[] = [];
    for await (const item of items) all.push(item);
    return all;
  }

  it("creates, lists and deletes tables, and an existing one is no error for it", async () => {
    await tables.createTable("Listed");
    await tables.createTable("Listed");
    expect((await collect(tables.listTables())).map(({ name }) => name)).toContain("Listed");
    await tables.deleteTable("Listed");
    expect((await collect(tables.listTables())).map(({ name }) => name)).not.toContain("Listed");
  });

  it("inserts, reads, replaces, merges and deletes a row under its ETag", async () => {
    const rows = client("Crud");
    await rows.createTable();
    const key = { partitionKey: "it's", rowKey: "100% no" };
    const { etag } = await rows.createEntity({ ...key, text: "one", count: 1, big: 12345678901234n, flag: true });
    const read = await rows.getEntity(key.partitionKey, key.rowKey);
    expect(read).toMatchObject({ ...key, text: "one", count: 1, big: 12345678901234n, flag: true, etag });
    const merged = await rows.updateEntity({ ...key, more: new Uint8Array([1, 2]) }, "Merge", { etag: etag ?? "" });
    await expect(rows.updateEntity({ ...key, late: 1 }, "Replace", { etag: etag ?? "" })).rejects.toMatchObject({
      statusCode: 412,
    });
    await rows.updateEntity({ ...key, only: "this" }, "Replace", { etag: merged.etag ?? "" });
    const replaced = await rows.getEntity(key.partitionKey, key.rowKey);
    expect(replaced).not.toHaveProperty("text");
    expect(replaced).toMatchObject({ only: "this" });
    await rows.deleteEntity(key.partitionKey, key.rowKey);
    await expect(rows.getEntity(key.partitionKey, key.rowKey)).rejects.toMatchObject({ statusCode: 404 });
  });

  it("follows continuations over all rows, in key order, and filters and selects", async () => {
    const rows = client("Pages");
    await rows.createTable();
    for (const partitionKey of ["a", "b"]) {
      const transaction = new TableTransaction();
      for (let n = 0; n < 60; n += 1) {
        transaction.createEntity({ partitionKey, rowKey: String(n).padStart(3, "0"), n });
      }
      const { status, subResponses } = await rows.submitTransaction(transaction.actions);
      expect(status).toBe(202);
      expect(subResponses.every((one) => one.status === 204 && one.etag !== undefined)).toBe(true);
    }
    const all = await collect(rows.listEntities());
    expect(all).toHaveLength(120);
    const keys = all.map((row) => `${row.partitionKey}${row.rowKey}`);
    expect(keys).toEqual([...keys].sort());
    const filter = odata`PartitionKey eq ${"b"} and n ge ${57}`;
    const some = await collect(rows.listEntities<{ n: number }>({ queryOptions: { filter, select: ["n"] } }));
    expect(some.map(({ n }) => n)).toEqual([57, 58, 59]);
  });

  it("refuses a transaction as a whole and names the operation", async () => {
    const rows = client("Atomic");
    await rows.createTable();
    await rows.createEntity({ partitionKey: "p", rowKey: "taken" });
    const actions = ["free", "taken"].map((rowKey): ["create", { partitionKey: string; rowKey: string }] => [
      "create",
      { partitionKey: "p", rowKey },
    ]);
    const error = await rows.submitTransaction(actions).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RestError);
    expect(error).toMatchObject({ code: "EntityAlreadyExists", statusCode: 409 });
    expect((error as Error).message).toMatch(/^1:The specified entity already exists\./);
    expect(service.account("contoso").rows("Atomic").map(({ rowKey }) => rowKey)).toEqual(["taken"]);
  });

  it("takes its account SAS and table SAS, within their rights only", async () => {
    await client("Shared").createTable();
    const accountSas = generateAccountSas(named, {
      permissions: { list: true },
      resourceTypes: "c",
      services: { table: true },
      expiresOn: new Date(Date.now() + 60_000),
    });
    const listing = new TableServiceClient(
      server.endpoint("contoso"),
      new AzureSASCredential(accountSas),
      options,
    );
    expect((await collect(listing.listTables())).length).toBeGreaterThan(0);
    await expect(listing.createTable("Forbidden")).rejects.toMatchObject({ statusCode: 403 });
    const tableSas = generateTableSas("Shared", named, {
      permissions: { query: true, add: true }, expiresOn: new Date(Date.now() + 60_000),
    });
    const shared = new TableClient(server.endpoint("contoso"), "Shared", new AzureSASCredential(tableSas), options);
    await shared.createEntity({ partitionKey: "p", rowKey: "r" });
    expect(await collect(shared.listEntities())).toHaveLength(1);
    await expect(shared.deleteEntity("p", "r")).rejects.toMatchObject({ statusCode: 403 });
  });

  it("sets and reads stored access policies, and a SAS dies with the policy it names", async () => {
    const rows = client("Policies");
    await rows.createTable();
    const expiry = new Date(Math.ceil(Date.now() / 1000) * 1000 + 60_000);
    await rows.setAccessPolicy([{ id: "ours", accessPolicy: { expiry, permission: "r" } }]);
    const [policy] = await rows.getAccessPolicy();
    expect(policy).toMatchObject({ id: "ours", accessPolicy: { permission: "r", expiry } });
    // The SDK cannot leave permissions out of a token that names a policy, so this one is put together by hand.
    const fields = "sv=2019-02-02&tn=Policies&si=ours";
    const text = ["", "", "", "/table/contoso/policies", "ours", "", "", "2019-02-02", "", "", "", ""].join("\n");
    const sas = `${fields}&sig=${encodeURIComponent(sign(text, KEY))}`;
    const shared = new TableClient(server.endpoint("contoso"), "Policies", new AzureSASCredential(sas), options);
    expect(await collect(shared.listEntities())).toEqual([]);
    await rows.setAccessPolicy([]);
    await expect(collect(shared.listEntities())).rejects.toMatchObject({ statusCode: 403 });
  });
});
