import type { Row } from "../../../migration/engine/row";
import { formatOf, openAzureTables } from "../../../migration/stores/azureTables";
import { COSMOS, dialectOf, STORAGE } from "../../../migration/stores/azureTables/dialect";
import { rowOfBody } from "../../../migration/stores/azureTables/entity";
import { memoryStore } from "../../../migration/stores/memory";
import * as simulated from "../../simulated";

const KEY = Buffer.from("a key").toString("base64");

describe("the dialect of a table service", () => {
  it.each([
    ["https://contoso.table.cosmos.azure.com", COSMOS], ["https://contoso.table.cosmosdb.azure.com", COSMOS],
    ["https://contoso.table.cosmos.azure.cn", COSMOS], ["https://CONTOSO.TABLE.COSMOS.AZURE.COM:443", COSMOS],
    ["https://contoso.table.core.windows.net", STORAGE], ["https://contoso-secondary.table.core.windows.net", STORAGE],
    ["https://cosmos.table.core.windows.net", STORAGE], ["https://table.cosmos.example", STORAGE],
    ["http://127.0.0.1:10002", STORAGE], ["http://localhost:8902", STORAGE],
  ])("is told by the host %s", (origin, dialect) => {
    expect(dialectOf(origin).name).toBe(dialect.name);
  });

  it("is what somebody says of a host that does not tell", () => {
    expect(dialectOf("http://localhost:8902", "cosmos")).toBe(COSMOS);
    expect(dialectOf("https://contoso.table.cosmos.azure.com", "storage")).toBe(STORAGE);
  });

  it("gives a store its order, its limits, and its rules for rows", async () => {
    const open = (endpoint: string) => openAzureTables({ kind: "sharedKey", account: "contoso", endpoint, key: KEY });
    const cosmos = open("https://contoso.table.cosmos.azure.com");
    const storage = open("https://contoso.table.core.windows.net");
    const memory = memoryStore({ name: "contoso" });
    try {
      expect([cosmos.ordered, storage.ordered]).toEqual([false, true]);
      expect(cosmos.limits).toMatchObject({ batchRowsMax: 100, batchOnePartition: true });
      expect(cosmos.limits.batchBytesMax).toBeLessThan(2 * 1024 * 1024);
      expect(storage.limits.batchBytesMax).toBeGreaterThan(2 * 1024 * 1024);
      const reserved = rowOf(',"id":1');
      expect(formatOf(cosmos).check(reserved).map(({ code }) => code)).toEqual(["PropertyNameReserved"]);
      for (const store of [storage, memory]) expect(formatOf(store).check(reserved)).toEqual([]);
      const merge = { kind: "merge" as const, key: reserved, body: reserved.body, version: "*" };
      expect(cosmos.wireBytes(merge)).toBeGreaterThan(storage.wireBytes(merge));
    } finally {
      await Promise.all([cosmos.close(), storage.close()]);
    }
  });
});

function rowOf(members: string, partitionKey = "p", rowKey = "r"): Row {
  const text = `{"PartitionKey":${JSON.stringify(partitionKey)},"RowKey":${JSON.stringify(rowKey)}${members}}`;
  return rowOfBody(Buffer.from(text), "2026-01-01T00:00:00Z", "etag");
}

describe("what Cosmos DB for Table refuses in a row", () => {
  const service = new simulated.SimulatedTableService({
    accounts: [{ name: "contoso", key: KEY }], profile: simulated.COSMOS,
  });
  const account = service.account("contoso");
  let server: simulated.SimulatedServer;

  beforeAll(async () => {
    account.createTable("Rows");
    server = await simulated.serve(service);
  });

  afterAll(() => server.close());

  const big = (bytes: number) => `,"v":"${"x".repeat(bytes)}"`;
  const rows: readonly (readonly [string, Row, readonly string[]])[] = [
    ["nothing in an ordinary row", rowOf(',"v":1,"grid":2,"_id":3,"ids":4'), []],
    ["nothing in what Storage would refuse", rowOf(`${big(200_000)}${names(300)}`), []],
    ["an empty partition key", rowOf("", ""), ["KeyEmpty"]],
    ["an empty row key", rowOf("", "p", ""), ["KeyEmpty"]],
    ["a row key of 256 bytes", rowOf("", "p", "é".repeat(128)), ["KeyValueTooLarge"]],
    ["not one of 255", rowOf("", "p", `${"é".repeat(127)}x`), []],
    ["a partition key of 1,025 bytes", rowOf("", `${"é".repeat(512)}x`), ["KeyValueTooLarge"]],
    ["not one of 1,024", rowOf("", "é".repeat(512)), []],
    ["a slash in a key", rowOf("", "p", "a/b"), ["KeyInvalid"]],
    ...["id", "ID", "rid", "Rid", "etag", "ETag", "ResourceId", "RESOURCEID"].map(
      (name) => [`a property named ${name}`, rowOf(`,"${name}":1`), ["PropertyNameReserved"]] as const,
    ),
    ["a row beyond 2 MiB", rowOf(big(2_097_152)), ["EntityTooLarge"]],
    ["not one a little below", rowOf(big(2_096_000)), []],
  ];

  function names(count: number): string {
    return Array.from({ length: count }, (_, n) => `,"p${n}":${n}`).join("");
  }

  it.each(rows)("%s", async (_title, row, codes) => {
    const endpoint = server.endpoint("contoso");
    const store = openAzureTables({ kind: "sharedKey", account: "contoso", endpoint, key: KEY, dialect: "cosmos" });
    try {
      const findings = formatOf(store).check(row);
      expect(findings.map(({ code }) => code)).toEqual(codes);
      for (const { message } of findings) expect(message).toMatch(/^Row .*: .*\. [A-Z].*\.$/s);
      // The service says the same; a body beyond 2 MiB it does not even read.
      const taken = store.write("Rows", [{ kind: "putReplace", key: row, body: row.body }]).then(
        (outcome) => outcome.committed,
        () => false,
      );
      expect(await taken).toBe(codes.length === 0);
    } finally {
      await store.close();
    }
  });
});
