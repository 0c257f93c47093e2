import type { EdmValue } from "./index";
import { parseTicks, SimulatedTableService } from "./index";
import { RawClient } from "./rawClient";
import type { PagingHabits } from "./paging";

type Properties = readonly (readonly [string, EdmValue])[];

function serviceWith(rows: readonly (readonly [string, string, Properties])[], paging: PagingHabits = {}) {
  const service = new SimulatedTableService({ accounts: [{ name: "contoso" }], paging, seed: 7 });
  service.account("contoso").seed(
    "Rows",
    rows.map(([partitionKey, rowKey, properties]) => ({ partitionKey, rowKey, properties: new Map(properties) })),
  );
  return { service, client: new RawClient(service, "contoso") };
}

async function page(client: RawClient, query: string) {
  const answer = await client.send("GET", "/Rows()", { query });
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.code ?? ""}`);
  const { value } = JSON.parse(answer.text) as { value: { PartitionKey: string; RowKey: string }[] };
  return { keys: value.map((row) => `${row.PartitionKey}|${row.RowKey}`), headers: answer.headers };
}

/** All pages, as the continuation headers lead. */
async function pages(client: RawClient, query = "") {
  const all: (readonly string[])[] = [];
  const tokens: (readonly [string | undefined, string | undefined])[] = [];
  let next = "";
  for (let request = 0; request < 500; request += 1) {
    const { keys, headers } = await page(client, [query, next].filter((part) => part !== "").join("&"));
    all.push(keys);
    const partition = headers["x-ms-continuation-nextpartitionkey"];
    const row = headers["x-ms-continuation-nextrowkey"];
    if (partition === undefined) return { pages: all, keys: all.flat(), tokens };
    tokens.push([partition, row]);
    next = `NextPartitionKey=${partition}${row === undefined ? "" : `&NextRowKey=${row}`}`;
  }
  throw new Error("The continuations lead nowhere.");
}

describe("queries of the simulated table service", () => {
  const ticks = parseTicks("2026-01-01T00:00:00.1234567Z") ?? 0n;
  const { client } = serviceWith([
    ["a", "1", [["n", { type: "Edm.Int32", value: 5 }], ["s", { type: "Edm.String", value: "it's" }]]],
    ["a", "2", [["n", { type: "Edm.Int64", value: 5n }], ["b", { type: "Edm.Boolean", value: true }]]],
    ["a", "3", [["n", { type: "Edm.Double", value: 5 }], ["d", { type: "Edm.DateTime", value: ticks }]]],
    ["b", "1", [["g", { type: "Edm.Guid", value: "c9da6455-213d-42c9-9a79-3e9149a57833" }]]],
    ["b", "2", [["x", { type: "Edm.Binary", value: Uint8Array.of(1, 255) }]]],
    ["b", "3", [["n", { type: "Edm.Double", value: Number.NaN }]]],
  ]);

  it.each([
    ["PartitionKey eq 'b' and RowKey ge '2'", "b|2 b|3"],
    ["PartitionKey gt 'a' or (PartitionKey eq 'a' and RowKey gt '2')", "a|3 b|1 b|2 b|3"],
    ["not (PartitionKey eq 'b')", "a|1 a|2 a|3"],
    ["n eq 5", "a|1"],
    ["n eq 5L", "a|2"],
    ["n eq 5.0", "a|3"],
    ["5L le n", "a|2"],
    ["n ne 6.0", "a|3"],
    ["s eq 'it''s'", "a|1"],
    ["b", "a|2"],
    ["b eq true", "a|2"],
    ["d eq datetime'2026-01-01T00:00:00.1234567Z'", "a|3"],
    ["d lt datetime'2026-01-01T00:00:00.1234567Z'", ""],
    ["g eq guid'C9DA6455-213D-42C9-9A79-3E9149A57833'", "b|1"],
    ["x eq X'01ff'", "b|2"],
    ["x gt binary'01fe'", "b|2"],
    ["missing ne 'x'", ""],
  ])("filters by %s", async (filter, keys) => {
    expect((await page(client, `$filter=${encodeURIComponent(filter)}`)).keys.join(" ")).toBe(keys);
  });

  it.each([
    "n eq", "n eq 'x", "(n eq 5", "n eq 5)", "n like 5", "5 eq 5", "n eq m", "d eq datetime'yesterday'",
    "x eq X'0'", Array.from({ length: 16 }, (_, n) => `n eq ${n}`).join(" or "),
  ])("refuses the filter %s", async (filter) => {
    const answer = await client.send("GET", "/Rows()", { query: `$filter=${encodeURIComponent(filter)}` });
    expect(answer).toMatchObject({ status: 400, code: "InvalidInput" });
  });

  it.each([["$top=0", 400], ["$top=1001", 400], ["$top=x", 400], ["$orderby=n", 501], ["$skip=1", 501]])(
    "refuses %s",
    async (query, status) => {
      expect((await client.send("GET", "/Rows()", { query })).status).toBe(status);
    },
  );

  it("refuses a continuation that somebody made up", async () => {
    const answer = await client.send("GET", "/Rows()", { query: "NextPartitionKey=1!3!YQ" });
    expect(answer).toMatchObject({ status: 400, code: "InvalidInput" });
  });
});

describe("pages of the simulated table service", () => {
  const rows = ["a", "b", "c"].flatMap((partition) =>
    Array.from({ length: 700 }, (_, n): [string, string, Properties] => [
      partition,
      String(n).padStart(4, "0"),
      [["n", { type: "Edm.Int32", value: n }]],
    ]),
  );
  const wanted = rows.map(([partition, row]) => `${partition}|${row}`);

  it("ends a page at 1,000 rows and goes on exactly after it", async () => {
    const { client } = serviceWith(rows);
    const read = await pages(client);
    expect(read.pages.map((keys) => keys.length)).toEqual([1000, 1000, 100]);
    expect(read.keys).toEqual(wanted);
  });

  it("sends empty pages with a continuation where told to, and loses nothing by it", async () => {
    const { client } = serviceWith(rows, { emptyPageChance: 0.5, pageRowsMax: 100 });
    const read = await pages(client);
    expect(read.pages.filter((keys) => keys.length === 0).length).toBeGreaterThan(3);
    expect(read.keys).toEqual(wanted);
  });

  it("stops scanning early where told to, so that a filter meets empty pages", async () => {
    const { client } = serviceWith(rows, { rowsScannedPerPageMax: 300 });
    const read = await pages(client, "$filter=PartitionKey%20eq%20'c'");
    expect(read.pages[0]).toEqual([]);
    expect(read.keys).toEqual(wanted.slice(1400));
  });

  it("leaves NextRowKey out where a page ends with its partition", async () => {
    const { client } = serviceWith(rows, { continueAtPartitions: true });
    const read = await pages(client);
    expect(read.pages.map((keys) => keys.length)).toEqual([700, 700, 700]);
    expect(read.tokens.every(([, row]) => row === undefined)).toBe(true);
    expect(read.keys).toEqual(wanted);
  });

  it("pages through table names", async () => {
    const service = new SimulatedTableService({ accounts: [{ name: "contoso" }], paging: { pageRowsMax: 2 } });
    for (const name of ["Ccc", "aaa", "Bbb"]) service.account("contoso").createTable(name);
    const client = new RawClient(service, "contoso");
    const first = await client.send("GET", "/Tables");
    expect(first.text).toContain('"value":[{"TableName":"aaa"},{"TableName":"Bbb"}]');
    const next = first.headers["x-ms-continuation-nexttablename"] ?? "";
    const second = await client.send("GET", "/Tables", { query: `NextTableName=${next}` });
    expect(second.text).toContain('"value":[{"TableName":"Ccc"}]');
    expect(second.headers).not.toHaveProperty("x-ms-continuation-nexttablename");
  });
});
