import { COSMOS, SimulatedTableService } from "./index";
import { batchBody, RawClient, rowPath } from "./rawClient";

describe("rules of the simulated Cosmos account", () => {
  const service = new SimulatedTableService({ accounts: [{ name: "contoso" }], profile: COSMOS });
  const client = new RawClient(service, "contoso");

  beforeAll(() => service.account("contoso").createTable("Rows"));

  it("takes a row key of 255 bytes of UTF-8 and none of 256; a partition key may have 1,024", async () => {
    for (const [partitionKey, rowKey, status] of [
      ["p", "k".repeat(255), 204], ["p", "k".repeat(256), 400],
      ["p", "é".repeat(127), 204], ["p", "é".repeat(128), 400],
      ["p", `${"🚀".repeat(63)}abc`, 204], ["p", "🚀".repeat(64), 400],
      ["k".repeat(1024), "r", 204], ["k".repeat(1025), "r", 400],
      ["é".repeat(512), "r", 204], ["é".repeat(513), "r", 400],
    ] as const) {
      expect((await client.put("Rows", partitionKey, rowKey, "")).status).toBe(status);
    }
  });

  it.each([["p", ""], ["", "r"], ["", ""]])("refuses an empty key: (%p, %p)", async (partitionKey, rowKey) => {
    const body = JSON.stringify({ PartitionKey: partitionKey, RowKey: rowKey });
    const answer = await client.send("POST", "/Rows", { body });
    expect(answer).toMatchObject({ status: 400, code: "PropertiesNeedValue" });
    expect(answer.text).toContain("PartitionKey/RowKey cannot be empty");
    expect((await client.put("Rows", partitionKey, rowKey, "")).code).toBe("PropertiesNeedValue");
  });

  it.each(["id", "Id", "ID", "rid", "RID", "etag", "eTag", "ResourceId", "resourceid", "RESOURCEID"])(
    "refuses a property named %s",
    async (name) => {
      expect(await client.put("Rows", "p", "reserved", `"${name}":1`)).toMatchObject({ status: 400 });
      expect((await client.get("Rows", "p", "reserved")).status).toBe(404);
    },
  );

  it("breaks, as recorded, on a property named ETag", async () => {
    const answer = await client.put("Rows", "p", "reserved", '"ETag":1');
    expect(answer).toMatchObject({ status: 500, code: "InternalServerError" });
    expect((await client.get("Rows", "p", "reserved")).status).toBe(404);
  });

  it("takes names that only look reserved", async () => {
    expect((await client.put("Rows", "p", "alike", '"ids":1,"_id":2,"ResourceIds":3,"grid":4')).status).toBe(204);
  });

  it("has no limit of 64 KiB a property or of 252 of them, and one of 2 MiB an entity", async () => {
    const many = Array.from({ length: 300 }, (_, n) => `"p${n}":${n}`).join(",");
    expect((await client.put("Rows", "p", "wide", many)).status).toBe(204);
    expect((await client.put("Rows", "p", "long", `"v":"${"x".repeat(1_500_000)}"`)).status).toBe(204);
    // Four bytes of base64 for three of binary: 1.6 MB are too many.
    const binary = (bytes: number) =>
      client.put("Rows", "p", "binary", `"b@odata.type":"Edm.Binary","b":"${Buffer.alloc(bytes).toString("base64")}"`);
    expect((await binary(1_500_000)).status).toBe(204);
    expect((await binary(1_600_000)).status).toBe(413);
  });

  it("takes into account what a merge makes of an entity", async () => {
    const merge = (members: string) => client.send("POST", rowPath("Rows", "p", "grown"), {
      body: `{${members}}`, headers: { "x-http-method": "MERGE" },
    });
    expect((await merge(`"a":"${"x".repeat(1_200_000)}"`)).status).toBe(204);
    expect(await merge(`"b":"${"x".repeat(1_200_000)}"`)).toMatchObject({ status: 413, code: "RequestEntityTooLarge" });
    expect((await merge('"c":1')).status).toBe(204);
    expect(service.account("contoso").table("Rows").rows.get("p", "grown")?.properties.size).toBe(2);
  });

  it("knows a merge only as a POST that says so", async () => {
    for (const method of ["PATCH", "MERGE"]) {
      const answer = await client.send(method, rowPath("Rows", "p", "m"), { body: '{"v":1}' });
      expect(answer).toMatchObject({ status: 405, code: "MethodNotAllowed" });
    }
    const patch = { method: "PATCH", path: rowPath("Rows", "p", "m"), body: '{"v":1}' };
    expect((await client.send("POST", "/$batch", batchBody([patch]))).text).toContain("405 Method Not Allowed");
  });

  it("tells table names apart by case", async () => {
    const create = (name: string) => client.send("POST", "/Tables", { body: JSON.stringify({ TableName: name }) });
    expect((await create("Cities")).status).toBe(201);
    expect(await create("Cities")).toMatchObject({ status: 409, code: "TableAlreadyExists" });
    expect((await create("cities")).status).toBe(201);
    await client.put("Cities", "p", "r", "");
    expect((await client.get("cities", "p", "r")).status).toBe(404);
    expect((await client.send("GET", "/CITIES()")).status).toBe(404);
    expect((await client.send("DELETE", "/Tables('cities')")).status).toBe(204);
    expect((await client.get("Cities", "p", "r")).status).toBe(200);
  });

  it("has neither stored access policies nor CORS", async () => {
    const query = "comp=acl";
    const put = await client.send("PUT", "/Rows", { query, body: "", headers: { "content-type": "application/xml" } });
    expect(put).toMatchObject({ status: 501, code: "NotImplemented" });
    expect(await client.send("GET", "/Rows", { query })).toMatchObject({ status: 501 });
    const origin = { origin: "https://contoso.com", "access-control-request-method": "GET" };
    const preflight = await client.send("OPTIONS", "/Rows()", { headers: origin });
    expect(preflight.status).toBe(405);
    expect(Object.keys(preflight.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });
});
