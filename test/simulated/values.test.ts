import { SimulatedTableService } from "./index";
import { RawClient } from "./rawClient";

describe("values in the simulated table service", () => {
  const service = new SimulatedTableService({ accounts: [{ name: "contoso" }] });
  const client = new RawClient(service, "contoso");

  beforeAll(() => client.send("POST", "/Tables", { body: '{"TableName":"Zoo"}' }));

  async function roundTrip(members: string): Promise<string> {
    const stored = await client.put("Zoo", "p", "r", members);
    if (stored.status !== 204) throw new Error(`${stored.status} ${stored.code ?? ""}`);
    const { text } = await client.get("Zoo", "p", "r");
    return text.replace(/^.*?"Timestamp":"[^"]*",?/, "").replace(/\}$/, "");
  }

  it.each([
    ["a small integer is Int32", '"v":1', '"v":1'],
    ["1.0 is a Double because of its point", '"v":1.0', '"v":1.0'],
    ["an integer beyond 32 bits is a Double", '"v":6824053932181', '"v":6824053932181.0'],
    ["1e300 is a Double", '"v":1e300', '"v":1E+300'],
    ["-0.0 keeps its sign", '"v":-0.0', '"v":-0.0'],
    ["-0 is the integer 0", '"v":-0', '"v":0'],
    ["the smallest subnormal survives", '"v":4.9E-324', '"v":4.94065645841247E-324'],
    ["an annotated 5 is a Double", '"v@odata.type":"Edm.Double","v":5', '"v":5.0'],
    ["NaN as Double is annotated", '"v@odata.type":"Edm.Double","v":"NaN"', '"v@odata.type":"Edm.Double","v":"NaN"'],
    ["NaN without annotation is a string", '"v":"NaN"', '"v":"NaN"'],
    [
      "infinities are annotated",
      '"v@odata.type":"Edm.Double","v":"-Infinity"',
      '"v@odata.type":"Edm.Double","v":"-Infinity"',
    ],
    [
      "Int64 beyond 2^53 keeps every digit",
      '"v@odata.type":"Edm.Int64","v":"9223372036854775807"',
      '"v@odata.type":"Edm.Int64","v":"9223372036854775807"',
    ],
    [
      "a date keeps its 100 ns ticks",
      '"v@odata.type":"Edm.DateTime","v":"2026-01-01T00:00:00.1234567Z"',
      '"v@odata.type":"Edm.DateTime","v":"2026-01-01T00:00:00.1234567Z"',
    ],
    [
      "the first date there is",
      '"v@odata.type":"Edm.DateTime","v":"1601-01-01T00:00:00.0000000Z"',
      '"v@odata.type":"Edm.DateTime","v":"1601-01-01T00:00:00Z"',
    ],
    [
      "an annotation may follow its value",
      '"v":"AQI=","v@odata.type":"Edm.Binary"',
      '"v@odata.type":"Edm.Binary","v":"AQI="',
    ],
    [
      "a guid comes back in lower case",
      '"v@odata.type":"Edm.Guid","v":"C9DA6455-213D-42C9-9A79-3E9149A57833"',
      '"v@odata.type":"Edm.Guid","v":"c9da6455-213d-42c9-9a79-3e9149a57833"',
    ],
    ["a null is no property", '"v":null,"w":true', '"w":true'],
    [
      "awkward names are ordinary",
      '"__proto__":1,"constructor":2,"partitionKey":3,"rowKey":4,"etag":5,"timestamp":6,"a":7,"A":8',
      '"__proto__":1,"constructor":2,"partitionKey":3,"rowKey":4,"etag":5,"timestamp":6,"a":7,"A":8',
    ],
    ["text that looks like something else stays text", '"v":"2026-01-01T00:00:00Z"', '"v":"2026-01-01T00:00:00Z"'],
    ["text beyond the basic plane", '"v":"\\ud83d\\ude80é"', '"v":"🚀é"'],
  ])("%s", async (_title, sent, got) => {
    expect(await roundTrip(sent)).toBe(got);
  });

  it.each([
    ["Int64 as a bare large number", '"v@odata.type":"Edm.Int64","v":9007199254740993', "InvalidInput"],
    ["Int64 out of range", '"v@odata.type":"Edm.Int64","v":"9223372036854775808"', "InvalidInput"],
    ["a number beyond the doubles", '"v":1e400', "InvalidInput"],
    ["a date before 1601", '"v@odata.type":"Edm.DateTime","v":"1600-12-31T23:59:59Z"', "OutOfRangeInput"],
    ["30 February", '"v@odata.type":"Edm.DateTime","v":"2026-02-30T00:00:00Z"', "InvalidInput"],
    ["half a surrogate pair", '"v":"\\ud83d"', "InvalidInput"],
    ["a nested object", '"v":{"w":1}', "InvalidInput"],
    ["broken base64", '"v@odata.type":"Edm.Binary","v":"AQI"', "InvalidInput"],
    ["an unknown type", '"v@odata.type":"Edm.Decimal","v":"1"', "InvalidInput"],
    ["a number for a string", '"v@odata.type":"Edm.String","v":1', "InvalidInput"],
    ["a property given twice", '"v":1,"v":2', "DuplicatePropertiesSpecified"],
    ["no JSON", '"v":01', "InvalidInput"],
  ])("refuses %s", async (_title, sent, code) => {
    const answer = await client.put("Zoo", "p", "refused", sent);
    expect([answer.status, answer.code]).toEqual([400, code]);
    expect((await client.get("Zoo", "p", "refused")).status).toBe(404);
  });

  it("says as much about types as the Accept header asks for", async () => {
    await client.put("Zoo", "meta", "r", '"v@odata.type":"Edm.Int64","v":"1","d":1.0');
    const read = (level: string) =>
      client.get("Zoo", "meta", "r", { headers: { accept: `application/json;odata=${level}` } });
    const none = await read("nometadata");
    expect(none.text).toMatch(/^\{"PartitionKey":"meta","RowKey":"r","Timestamp":"[^"]+","v":"1","d":1.0\}$/);
    const minimal = await read("minimalmetadata");
    expect(minimal.text).toContain(
      '"odata.metadata":"http://contoso.table.core.windows.net/$metadata#Zoo/@Element","odata.etag":',
    );
    expect(minimal.text).not.toContain("Timestamp@odata.type");
    const full = await read("fullmetadata");
    expect(full.text).toContain('"Timestamp@odata.type":"Edm.DateTime"');
    expect(full.text).toContain(`"odata.editLink":"Zoo(PartitionKey='meta',RowKey='r')"`);
  });

  it("derives the ETag from the Timestamp, and never gives one twice", async () => {
    const first = await client.put("Zoo", "etag", "1", "");
    const second = await client.put("Zoo", "etag", "2", "");
    expect(first.headers["etag"]).not.toBe(second.headers["etag"]);
    const { text, headers } = await client.get("Zoo", "etag", "1");
    const timestamp = /"Timestamp":"([^"]+)"/.exec(text)?.[1] ?? "";
    expect(headers["etag"]).toBe(`W/"datetime'${encodeURIComponent(timestamp)}'"`);
    expect(headers["etag"]).toBe(first.headers["etag"]);
  });

  it("returns null for a selected property that the row lacks, as the service does", async () => {
    await client.put("Zoo", "select", "r", '"v":1');
    const { text } = await client.get("Zoo", "select", "r", { query: "$select=RowKey,v,missing" });
    expect(text).toContain('"RowKey":"r","v":1,"missing":null}');
    expect(text).toContain("odata.etag");
  });
});
