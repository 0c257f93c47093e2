import { SimulatedTableService } from "./index";
import { batchBody, RawClient, rowPath } from "./rawClient";

type Parts = Parameters<typeof batchBody>[0];

describe("batches of the simulated table service", () => {
  let service: SimulatedTableService;
  let client: RawClient;

  beforeEach(() => {
    service = new SimulatedTableService({ accounts: [{ name: "contoso" }] });
    client = new RawClient(service, "contoso");
    service.account("contoso").seed("Rows", [{ partitionKey: "p", rowKey: "old", properties: new Map() }]);
  });

  const send = (parts: Parts) => client.send("POST", "/$batch", batchBody(parts));
  const insert = (rowKey: string, partitionKey = "p", members = "") => ({
    method: "POST",
    path: "/Rows",
    body: `{"PartitionKey":"${partitionKey}","RowKey":"${rowKey}"${members}}`,
  });
  const keys = () => service.account("contoso").rows("Rows").map(({ rowKey }) => rowKey);

  it("does everything, and answers each operation in order with its ETag", async () => {
    const answer = await send([
      insert("a"),
      { method: "PUT", path: rowPath("Rows", "p", "b"), body: '{"v":"line\\r\\nend"}' },
      { method: "MERGE", path: rowPath("Rows", "p", "old"), body: "{}", etag: "*" },
    ]);
    expect(answer.status).toBe(202);
    const etags = [...answer.text.matchAll(/HTTP\/1\.1 204 No Content[\s\S]*?ETag: (\S+)/g)].map((match) => match[1]);
    expect(etags).toHaveLength(3);
    const { headers } = await client.get("Rows", "p", "b");
    expect(headers["etag"]).toBe(etags[1]);
    const removed = await send([{ method: "DELETE", path: rowPath("Rows", "p", "old"), etag: "*" }]);
    expect(removed.text).not.toContain("ETag");
    expect(keys()).toEqual(["a", "b"]);
  });

  it.each<[string, Parts, number, string, string]>([
    ["an existing row", [insert("a"), insert("old")], 409, "EntityAlreadyExists", "1:"],
    ["a row twice", [insert("a"), insert("b"), insert("a")], 400, "InvalidDuplicateRow", "2:"],
    ["two partitions", [insert("a"), insert("b", "q")], 400, "CommandsInBatchActOnDifferentPartitions", "1:"],
    ["an illegal property name", [insert("a", "p", ',"x-y":1')], 400, "PropertyNameInvalid", "0:"],
    [
      "a stale ETag",
      [insert("a"), { method: "DELETE", path: rowPath("Rows", "p", "old"), etag: "W/\"datetime'2020'\"" }],
      412, "UpdateConditionNotSatisfied", "1:",
    ],
    [
      "a missing row",
      [insert("a"), { method: "DELETE", path: rowPath("Rows", "p", "none"), etag: "*" }],
      404, "ResourceNotFound", "1:",
    ],
    ["a missing table", [{ ...insert("a"), path: "/Missing" }], 404, "TableNotFound", "0:"],
    [
      "101 operations",
      Array.from({ length: 101 }, (_, n) => insert(String(n))),
      400, "InvalidInput", "99:",
    ],
  ])("does nothing at all because of %s, and says which operation it was", async (_title, parts, status, code, at) => {
    const before = keys();
    const answer = await send(parts);
    expect(answer.status).toBe(202);
    expect(answer.text).toContain(`HTTP/1.1 ${status} `);
    expect(answer.code).toBe(code);
    expect(/"value":"(\d+:)/.exec(answer.text)?.[1]).toBe(at);
    expect(answer.text.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(keys()).toEqual(before);
    expect(service.log.at(-1)).toMatchObject({ path: "$batch", status: 202, code });
  });

  it("takes exactly 100 operations", async () => {
    expect((await send(Array.from({ length: 100 }, (_, n) => insert(String(n))))).code).toBeUndefined();
    expect(keys()).toHaveLength(101);
  });

  it("refuses a body beyond 4 MiB from outside", async () => {
    const large = `,"v":"${"x".repeat(32_000)}"`;
    const parts = Array.from({ length: 60 }, (_, n) => insert(String(n), "p", [1, 2, 3].map(() => large).join("")));
    const padded = batchBody(parts);
    expect(padded.body.length).toBeGreaterThan(4 * 1024 * 1024);
    const answer = await client.send("POST", "/$batch", padded);
    expect(answer).toMatchObject({ status: 413, code: "RequestBodyTooLarge" });
  });

  it.each<[string, (body: string) => string]>([
    ["bare line feeds", (body) => body.replaceAll("\r\n", "\n")],
    ["a missing end", (body) => body.replace(/--batch_[0-9a-f]+--\r\n$/, "")],
    ["no transfer encoding", (body) => body.replace("Content-Transfer-Encoding: binary\r\n", "")],
    ["no request line", (body) => body.replace(/POST http\S+ HTTP\/1\.1\r\n/, "")],
  ])("refuses framing with %s", async (_title, spoil) => {
    const batch = batchBody([insert("a")]);
    const answer = await client.send("POST", "/$batch", { ...batch, body: spoil(batch.body) });
    expect(answer).toMatchObject({ status: 400, code: "InvalidInput" });
    expect(keys()).toEqual(["old"]);
  });
});
