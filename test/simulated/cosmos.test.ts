import { COSMOS, SimulatedTableService } from "./index";
import type { PagingHabits } from "./paging";
import { batchBody, RawClient, rowPath } from "./rawClient";

const HOST = { host: "contoso.table.cosmos.azure.com" };

function cosmos(paging: PagingHabits = {}) {
  const service = new SimulatedTableService({ accounts: [{ name: "contoso" }], profile: COSMOS, paging, seed: 5 });
  service.account("contoso").createTable("Rows");
  return { service, client: new RawClient(service, "contoso") };
}

interface Page {
  readonly value: readonly Readonly<Record<string, unknown>>[];
}

/** Keys of all pages in the order in which they come. */
async function walk(client: RawClient, query = "") {
  const keys: string[] = [];
  const pages: number[] = [];
  let next = "";
  for (let request = 0; request < 2_000; request += 1) {
    const whole = [query, next].filter((part) => part !== "").join("&");
    const answer = await client.send("GET", "/Rows()", { query: whole });
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
    const { value } = JSON.parse(answer.text) as Page;
    keys.push(...value.map((row) => `${String(row["PartitionKey"])}|${String(row["RowKey"])}`));
    pages.push(value.length);
    const partition = answer.headers["x-ms-continuation-nextpartitionkey"];
    const row = answer.headers["x-ms-continuation-nextrowkey"];
    if (partition === undefined) return { keys, pages };
    next = `NextPartitionKey=${encodeURIComponent(partition)}&NextRowKey=${encodeURIComponent(row ?? "")}`;
  }
  throw new Error("The continuations lead nowhere.");
}

const insert = (rowKey: string, members = "", partitionKey = "p") => ({
  method: "POST",
  path: "/Rows",
  body: `{"PartitionKey":"${partitionKey}","RowKey":"${rowKey}"${members === "" ? "" : `,${members}`}}`,
});

describe("pages of the simulated Cosmos account", () => {
  const seeded = (paging: PagingHabits = {}) => {
    const made = cosmos(paging);
    const rows = Array.from({ length: 2_300 }, (_, n) => insert(String(n).padStart(5, "0"), "", `p${n % 7}`).body);
    made.service.account("contoso").seedJson("Rows", rows);
    const sorted = made.service.account("contoso").rows("Rows").map((row) => `${row.partitionKey}|${row.rowKey}`);
    return { ...made, sorted };
  };

  it("come in no key order, neither of partitions nor of rows, yet hold every row once", async () => {
    const { client, sorted } = seeded();
    const { keys, pages } = await walk(client);
    expect(pages).toEqual([1_000, 1_000, 300]);
    expect([...keys].sort()).toEqual(sorted);
    const partitions = [...new Set(keys.map((key) => key.slice(0, 2)))];
    expect(partitions).toHaveLength(7);
    expect(partitions).not.toEqual([...partitions].sort());
    const within = keys.filter((key) => key.startsWith("p3"));
    expect(within).not.toEqual([...within].sort());
    // A partition's rows stand together, as they do on a physical partition.
    expect(keys.map((key) => key.slice(0, 2)).filter((key, n, all) => key !== all[n - 1])).toEqual(partitions);
  });

  it("come in the same order every time, whatever order the rows were written in", async () => {
    const [one, other] = [cosmos(), cosmos()];
    const rows = Array.from({ length: 60 }, (_, n) => insert(String(n)).body);
    one.service.account("contoso").seedJson("Rows", rows);
    other.service.account("contoso").seedJson("Rows", [...rows].reverse());
    expect((await walk(one.client)).keys).toEqual((await walk(other.client)).keys);
  });

  it("lose and repeat nothing where they are short or empty, or end with their partition", async () => {
    for (const paging of [
      { pageRowsMax: 100, emptyPageChance: 0.4 }, { rowsScannedPerPageMax: 90 }, { continueAtPartitions: true },
    ]) {
      const { client, sorted } = seeded(paging);
      const { keys } = await walk(client);
      expect([...keys].sort()).toEqual(sorted);
      const some = await walk(client, `$filter=${encodeURIComponent("PartitionKey eq 'p3' and RowKey lt '01000'")}`);
      expect([...some.keys].sort()).toEqual(sorted.filter((key) => key.startsWith("p3") && key < "p3|01000"));
    }
  });

  it("go on at a token that is JSON, with NA for the row key, and at no other", async () => {
    const { client } = seeded();
    const { headers } = await client.send("GET", "/Rows()", { query: "$top=5" });
    const token = headers["x-ms-continuation-nextpartitionkey"] ?? "";
    expect(JSON.parse(token)).toEqual({ token: expect.any(String), range: { min: "", max: "FF" } });
    expect(headers["x-ms-continuation-nextrowkey"]).toBe("NA");
    const partition = `NextPartitionKey=${encodeURIComponent(token)}`;
    for (const query of [partition, `${partition}&NextRowKey=x`, "NextPartitionKey=%7B%7D&NextRowKey=NA"]) {
      expect(await client.send("GET", "/Rows()", { query })).toMatchObject({ status: 400, code: "InvalidInput" });
    }
  });

  it("are as large as $top asks, beyond 1,000 too", async () => {
    const { client } = seeded();
    const answer = await client.send("GET", "/Rows()", { query: "$top=2000" });
    expect((JSON.parse(answer.text) as Page).value).toHaveLength(2_000);
  });

  it("hold nothing, with success, where a filter asks for Timestamp", async () => {
    const { client } = seeded();
    const filter = (text: string) => client.send("GET", "/Rows()", { query: `$filter=${encodeURIComponent(text)}` });
    for (const text of [
      "Timestamp ge datetime'2000-01-01T00:00:00Z'", "Timestamp lt datetime'2999-01-01T00:00:00Z'",
      "PartitionKey eq 'p1' and Timestamp gt datetime'2000-01-01T00:00:00Z'",
    ]) {
      const answer = await filter(text);
      expect([answer.status, (JSON.parse(answer.text) as Page).value]).toEqual([200, []]);
      expect(answer.headers).not.toHaveProperty("x-ms-continuation-nextpartitionkey");
    }
    expect((JSON.parse((await filter("PartitionKey eq 'p1'")).text) as Page).value.length).toBeGreaterThan(0);
  });
});

describe("spellings of the simulated Cosmos account", () => {
  it("puts value before odata.metadata, and Timestamp behind the properties", async () => {
    const { client } = cosmos();
    await client.put("Rows", "p", "r", '"v":1');
    const page = await client.send("GET", "/Rows()", { headers: HOST });
    const row = /^\{"value":\[\{"odata.etag":"W[^,]*","PartitionKey":"p","RowKey":"r","v":1,"Timestamp":"/;
    expect(page.text).toMatch(row);
    expect(page.text).toMatch(/\],"odata.metadata":"http:\/\/contoso.table.cosmos.azure.com\/\$metadata#Rows"\}$/);
    const one = await client.get("Rows", "p", "r", { headers: HOST });
    const element = "http://contoso.table.cosmos.azure.com/Rows/$metadata#Rows/@Element";
    expect(one.text.startsWith(`{"odata.metadata":"${element}","odata.etag":`)).toBe(true);
    const tables = await client.send("GET", "/Tables");
    expect(tables.text).toMatch(/^\{"value":\[\{"TableName":"Rows"\}\],"odata.metadata":/);
  });

  it("spells a Double 5 as 5.0, a DateTime with seven fractional digits, and infinities with their type", async () => {
    const { client } = cosmos();
    await client.put("Rows", "p", "r", [
      '"d@odata.type":"Edm.Double","d":5', '"i@odata.type":"Edm.Double","i":"-Infinity"',
      '"t@odata.type":"Edm.DateTime","t":"1973-10-04T00:00:00Z"', '"n":5',
      '"u@odata.type":"Edm.DateTime","u":"2026-01-01T12:00:00.12Z"', '"l@odata.type":"Edm.Int64","l":"5"',
    ].join(","));
    const { text } = await client.get("Rows", "p", "r");
    expect(text).toContain('"d":5.0,"i@odata.type":"Edm.Double","i":"-Infinity",');
    expect(text).toContain('"t@odata.type":"Edm.DateTime","t":"1973-10-04T00:00:00.0000000Z","n":5,');
    expect(text).toContain('"u":"2026-01-01T12:00:00.1200000Z","l@odata.type":"Edm.Int64","l":"5","Timestamp":"');
  });

  it("makes the ETag of the Timestamp's 100 ns ticks, and refuses any other with 412", async () => {
    let nowMs = Date.UTC(2026, 0, 1);
    const service = new SimulatedTableService({
      accounts: [{ name: "contoso" }], profile: COSMOS, now: () => nowMs,
    });
    const client = new RawClient(service, "contoso", () => nowMs);
    service.account("contoso").createTable("Rows");
    const { headers: { etag } } = await client.put("Rows", "p", "r", "");
    expect(etag).toBe("W/\"datetime'2026-01-01T00%3A00%3A00.0000000Z'\"");
    const read = await client.get("Rows", "p", "r");
    expect(read.headers["etag"]).toBe(etag);
    expect(read.text).toContain('"Timestamp":"2026-01-01T00:00:00.0000000Z"');
    nowMs += 1;
    const update = (match: string) =>
      client.send("PUT", rowPath("Rows", "p", "r"), { body: '{"v":1}', headers: { "if-match": match } });
    const stale = await update("W/\"datetime'2026-01-01T00%3A00%3A00Z'\"");
    expect(stale).toMatchObject({ status: 412, code: "UpdateConditionNotSatisfied" });
    const changed = await update(etag ?? "");
    const next = "W/\"datetime'2026-01-01T00%3A00%3A00.0010000Z'\"";
    expect([changed.status, changed.headers["etag"]]).toEqual([204, next]);
    expect((await update(etag ?? "")).status).toBe(412);
  });

  it("selects what is there, and says nothing of what is not", async () => {
    const { client } = cosmos();
    await client.put("Rows", "p", "r", '"v":1,"w":2');
    const { text } = await client.send("GET", "/Rows()", { query: "$select=w,missing,RowKey" });
    expect(text).toMatch(/\{"odata.etag":"[^,]*","w":2,"RowKey":"r"\}/);
  });

  it("tells errors in JSON whoever asks, with a line end behind, and RequestID in its own spelling", async () => {
    const { client } = cosmos();
    const missing = await client.get("Rows", "p", "none");
    const message = '"message":{"lang":"en-us","value":"The specified resource does not exist.\\nRequestID:';
    expect(missing.text.startsWith(`{"odata.error":{"code":"ResourceNotFound",${message}`)).toBe(true);
    expect(missing.text).toMatch(/\\n"\}\}\}\r\n$/);
    const atom = await client.get("Rows", "p", "none", { headers: { accept: "application/atom+xml" } });
    expect(atom.code).toBe("AtomFormatNotSupported");
  });
});

describe("batches of the simulated Cosmos account", () => {
  it("answer with bare line feeds between and before parts, and an ETag for all but deletes", async () => {
    const { client, service } = cosmos();
    await client.put("Rows", "p", "old", "");
    const gone = { method: "DELETE", path: rowPath("Rows", "p", "old"), etag: "*" };
    const answer = await client.send("POST", "/$batch", batchBody([insert("a"), gone, insert("b")]));
    const id = /boundary=(\S+)/.exec(answer.headers["content-type"] ?? "")?.[1] ?? "";
    const inner = /boundary=(changesetresponse_\S+)/.exec(answer.text)?.[1] ?? "";
    const etags = service.account("contoso").rows("Rows").map(({ ticks }) => COSMOS.spelling.etag(ticks));
    const part = (n: number, etag?: string) =>
      `--${inner}\nContent-Type: application/http\nContent-Transfer-Encoding: binary\n\n` +
      `HTTP/1.1 204 No Content\r\n${etag === undefined ? "" : `ETag: ${etag}\r\n`}Content-ID: ${n}\r\n\r\n\r\n`;
    expect(answer.text).toBe(
      `--${id}\r\nContent-Type: multipart/mixed; boundary=${inner}\r\n\r\n${part(1, etags[0])}${part(2)}` +
        `${part(3, etags[1])}--${inner}--\n--${id}--\r\n`,
    );
  });

  it("refuse as a whole, and name the operation before the message", async () => {
    const { client, service } = cosmos();
    await client.put("Rows", "p", "taken", "");
    const answer = await client.send("POST", "/$batch", batchBody([insert("free"), insert("taken")]));
    expect(answer.status).toBe(202);
    const head = "HTTP/1.1 409 Conflict\r\nContent-Type: application/json;odata=fullmetadata\r\n\r\n{";
    expect(answer.text).toContain(head);
    expect(answer.text).toContain('"EntityAlreadyExists","message":{"lang":"en-us","value":"1:The specified entity ');
    expect(service.account("contoso").rows("Rows")).toHaveLength(1);
  });

  it("call a missing table a resource that is not there, without naming an operation", async () => {
    const { client } = cosmos();
    const parts = [{ ...insert("a"), path: "/Nowhere" }];
    const answer = await client.send("POST", "/$batch", batchBody(parts));
    const missing = '"code":"ResourceNotFound","message":{"lang":"en-us","value":"The specified resource';
    expect(answer.text).toContain(missing);
    expect(await client.send("GET", "/Nowhere()")).toMatchObject({ status: 404, code: "ResourceNotFound" });
  });

  it("hold 2 MiB at most", async () => {
    const { client, service } = cosmos();
    const big = (count: number) =>
      Array.from({ length: count }, (_, n) => insert(String(n), `"v":"${"x".repeat(100_000)}"`));
    expect(await client.send("POST", "/$batch", batchBody(big(21)))).toMatchObject({ status: 413 });
    expect(service.account("contoso").rows("Rows")).toHaveLength(0);
    expect((await client.send("POST", "/$batch", batchBody(big(20)))).status).toBe(202);
    expect(service.account("contoso").rows("Rows")).toHaveLength(20);
  });
});
