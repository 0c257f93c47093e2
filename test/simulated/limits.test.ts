import { SimulatedTableService } from "./index";
import { RawClient, rowPath } from "./rawClient";

const many = (count: number) => Array.from({ length: count }, (_, n) => `"p${n}":${n}`).join(",");

describe("documented limits of the simulated table service", () => {
  let nowMs = Date.UTC(2026, 0, 1);
  const now = () => nowMs;
  const service = new SimulatedTableService({ accounts: [{ name: "contoso" }], now, tableDeletionMs: 40_000 });
  const client = new RawClient(service, "contoso", now);
  const create = (name: string) => client.send("POST", "/Tables", { body: JSON.stringify({ TableName: name }) });

  beforeAll(() => create("Limits"));

  it.each([
    ["252 properties", many(252), 204, undefined],
    ["253 properties", many(253), 400, "TooManyProperties"],
    ["a string of 32 Ki units", `"v":"${"x".repeat(32_768)}"`, 204, undefined],
    ["a string one unit longer", `"v":"${"x".repeat(32_769)}"`, 400, "PropertyValueTooLarge"],
    ["an astral character counts twice", `"v":"${"🚀".repeat(16_385)}"`, 400, "PropertyValueTooLarge"],
    [
      "binary of 64 KiB and a byte",
      `"v@odata.type":"Edm.Binary","v":"${Buffer.alloc(65_537).toString("base64")}"`,
      400,
      "PropertyValueTooLarge",
    ],
    ["a name of 255 characters", `"${"n".repeat(255)}":1`, 204, undefined],
    ["a name of 256 characters", `"${"n".repeat(256)}":1`, 400, "PropertyNameTooLong"],
    ["a dash in a name", '"a-b":1', 400, "PropertyNameInvalid"],
    ["a digit in front of a name", '"1a":1', 400, "PropertyNameInvalid"],
    ["a name in another script", '"größe_地":1', 204, undefined],
  ])("%s", async (_title, members, status, code) => {
    const answer = await client.put("Limits", "p", "r", members);
    expect([answer.status, answer.code]).toEqual([status, code]);
  });

  it("counts an entity's size as the service bills it: 1 MiB is the end", async () => {
    // 4 + 2 a key unit; per string: 8 + 2 a name unit + 4 + 2 a unit of text.
    const sized = (total: number) => {
      const full = Array.from({ length: 15 }, (_, n) => `"s${n + 10}":"${"x".repeat(32_768)}"`);
      const rest = (total - 4 - 2 * 2 - 15 * (8 + 6 + 4 + 65_536) - (8 + 2 + 4)) / 2;
      return [...full, `"r":"${"x".repeat(rest)}"`].join(",");
    };
    expect((await client.put("Limits", "p", "r", sized(1_048_576))).status).toBe(204);
    expect(await client.put("Limits", "p", "r", sized(1_048_578))).toMatchObject({ code: "EntityTooLarge" });
  });

  it("checks what a merge would make, not only what it brings", async () => {
    await client.put("Limits", "merge", "r", many(252));
    const answer = await client.send("MERGE", rowPath("Limits", "merge", "r"), { body: '{"one_more":1}' });
    expect(answer.code).toBe("TooManyProperties");
  });

  it.each([
    ["a slash", "a/b"], ["a backslash", "a\\b"], ["a hash", "a#b"], ["a question mark", "a?b"],
    ["a line feed", "a\nb"], ["delete", "a\u007fb"], ["a C1 control", "a\u0085b"],
  ])("refuses %s in a key", async (_title, key) => {
    expect(await client.put("Limits", key, "r", "")).toMatchObject({ status: 400, code: "OutOfRangeInput" });
    expect(await client.put("Limits", "p", key, "")).toMatchObject({ status: 400, code: "OutOfRangeInput" });
  });

  it("refuses a key beyond 1,024 units, and takes an empty one", async () => {
    expect(await client.put("Limits", "k".repeat(1024), "", "")).toMatchObject({ status: 204 });
    expect(await client.put("Limits", "k".repeat(1025), "", "")).toMatchObject({ code: "KeyValueTooLarge" });
    expect(await client.put("Limits", "", "", '"v":1')).toMatchObject({ status: 204 });
    expect((await client.get("Limits", "", "")).text).toContain('"PartitionKey":"","RowKey":""');
  });

  it.each([
    ["ab", "OutOfRangeInput"], ["a".repeat(64), "OutOfRangeInput"], ["1abc", "InvalidResourceName"],
    ["a_bc", "InvalidResourceName"], ["Tables", "InvalidResourceName"],
  ])("refuses the table name %s", async (name, code) => {
    expect(await create(name)).toMatchObject({ status: 400, code });
  });

  it("knows table names in any case, and keeps the one they were created in", async () => {
    expect((await create("Casing")).status).toBe(201);
    expect(await create("casing")).toMatchObject({ status: 409, code: "TableAlreadyExists" });
    expect((await client.put("CASING", "p", "r", "")).status).toBe(204);
    expect((await client.send("GET", "/Tables")).text).toContain('{"TableName":"Casing"}');
  });

  it("keeps a deleted table's name taken until it is gone", async () => {
    await create("Doomed");
    expect((await client.send("DELETE", "/Tables('Doomed')")).status).toBe(204);
    expect((await client.send("GET", "/Tables")).text).not.toContain("Doomed");
    expect(await create("Doomed")).toMatchObject({ status: 409, code: "TableBeingDeleted" });
    expect(await client.send("GET", "/Doomed()")).toMatchObject({ status: 409, code: "TableBeingDeleted" });
    nowMs += 40_000;
    expect((await create("Doomed")).status).toBe(201);
  });

  it("wants the row's key once, as text, and the same in address and body", async () => {
    const insert = (body: string) => client.send("POST", "/Limits", { body });
    expect(await insert('{"PartitionKey":"p"}')).toMatchObject({ code: "PropertiesNeedValue" });
    expect(await insert('{"PartitionKey":"p","RowKey":1}')).toMatchObject({ code: "PrimaryKeyPropertyIsInvalidType" });
    const other = await client.put("Limits", "p", "r", '"RowKey":"other"');
    expect(other.code).toBe("PartitionKeyPropertyCannotBeUpdated");
  });

  it("answers 412 to a stale ETag, 404 to a missing row, 400 to a malformed or missing ETag", async () => {
    const { headers } = await client.put("Limits", "cond", "r", "");
    await client.put("Limits", "cond", "r", '"v":1');
    const update = (etag: string, rowKey = "r") =>
      client.send("PUT", rowPath("Limits", "cond", rowKey), { body: "{}", headers: { "if-match": etag } });
    expect(await update(headers["etag"] ?? "")).toMatchObject({ status: 412, code: "UpdateConditionNotSatisfied" });
    expect(await update("*", "missing")).toMatchObject({ status: 404, code: "ResourceNotFound" });
    expect(await update("nonsense")).toMatchObject({ status: 400, code: "InvalidInput" });
    const bare = await client.send("DELETE", rowPath("Limits", "cond", "r"));
    expect(bare).toMatchObject({ status: 400, code: "MissingRequiredHeader" });
    expect((await update("*")).status).toBe(204);
  });

  it("speaks JSON to those who ask for it, and Atom is gone", async () => {
    const atom = await client.send("GET", "/Limits()", { headers: { accept: "application/atom+xml" } });
    expect(atom.status).toBe(415);
    expect(atom.text).toContain("<m:code>AtomFormatNotSupported</m:code>");
    const plain = await client.send("POST", "/Limits", { body: "{}", headers: { "content-type": "text/plain" } });
    expect(plain).toMatchObject({ status: 415, code: "MediaTypeNotSupported" });
  });

  it("gives Date, request id and version on every answer", async () => {
    const { headers } = await client.send("GET", "/NoSuchTable()");
    expect(headers).toMatchObject({ date: new Date(nowMs).toUTCString(), "x-ms-version": "2019-02-02" });
    expect(headers["x-ms-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });
});
