import type { Store } from "../../../migration/engine/store";
import { openAzureTables } from "../../../migration/stores/azureTables";
import { cannedServer, rawServer, type Answer, type CannedServer, type Received } from "./cannedServer";

const KEY = Buffer.from("key of a test account").toString("base64");
const DATE = "Fri, 02 Jan 2026 03:04:05 GMT";

let server: CannedServer;
let store: Store;
let answers: (request: Received) => Answer;

function open(endpoint: string): Store {
  return openAzureTables({ kind: "sharedKey", account: "contoso", endpoint, key: KEY }, { timeoutMs: 2_000 });
}

function entity(partitionKey: string, rowKey: string): string {
  return JSON.stringify({
    "odata.etag": "W/\"datetime'1'\"", PartitionKey: partitionKey, RowKey: rowKey, Timestamp: "2026-01-01T00:00:00Z",
  });
}

function page(entities: readonly string[], headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { date: DATE, ...headers }, body: `{"value":[${entities.join(",")}]}` };
}

function filterOf(url: string | undefined): string | undefined {
  return new URL(url ?? "", "http://x").searchParams.get("$filter") ?? undefined;
}

beforeEach(async () => {
  server = await cannedServer((request) => answers(request));
  store = open(server.endpoint);
});

afterEach(async () => {
  await store.close();
  await server.stop();
});

describe("reading pages", () => {
  it("asks for minimal metadata, signs the request and tells the server's time", async () => {
    answers = () => page([entity("a", "b")]);
    const result = await store.readPage("Cities", {});
    expect(result).toMatchObject({ rows: [{ partitionKey: "a", rowKey: "b" }], serverTimeMs: Date.parse(DATE) });
    expect(result.next).toBeUndefined();
    const [request] = server.received;
    expect(request?.url).toBe("/contoso/Cities()");
    expect(request?.headers.accept).toBe("application/json;odata=minimalmetadata");
    expect(request?.headers.authorization).toMatch(/^SharedKeyLite contoso:/);
  });

  it("goes on after a page without rows, and after a continuation without NextRowKey", async () => {
    const pages: readonly Answer[] = [
      page([], { "x-ms-continuation-nextpartitionkey": "1!4!YQ--", "x-ms-continuation-nextrowkey": "1!4!Yg--" }),
      page([entity("a", "b")], { "x-ms-continuation-nextpartitionkey": "p+&=e" }),
      page([entity("c", "d")]),
    ];
    answers = () => pages[server.received.length - 1] as Answer;
    const first = await store.readPage("Cities", {});
    expect(first.rows).toEqual([]);
    const second = await store.readPage("Cities", { continuation: first.next });
    const third = await store.readPage("Cities", { continuation: second.next });
    expect(third.next).toBeUndefined();
    expect(server.received.map(({ url }) => url)).toEqual([
      "/contoso/Cities()",
      "/contoso/Cities()?NextPartitionKey=1!4!YQ--&NextRowKey=1!4!Yg--",
      "/contoso/Cities()?NextPartitionKey=p%2B%26%3De",
    ]);
  });

  it("does not take a page for the last one when the service names a row only", async () => {
    answers = () => page([], { "x-ms-continuation-nextrowkey": "r" });
    expect((await store.readPage("Cities", {})).next).toEqual({ part: "0", rowKey: "r" });
  });

  it("reads a range in three key conditions that need no scan, one after the other", async () => {
    answers = () => page([]);
    const range = { after: { partitionKey: "a", rowKey: "x" }, upTo: { partitionKey: "b", rowKey: "y'" } };
    const asked: (string | undefined)[] = [];
    let continuation: Readonly<Record<string, string>> | undefined;
    do {
      const result = await store.readPage("Cities", { range, filter: "Size gt 5 or Size lt 1", continuation });
      asked.push(filterOf(server.received.at(-1)?.url));
      continuation = result.next;
    } while (continuation !== undefined);
    expect(asked).toEqual([
      "(PartitionKey eq 'a' and RowKey gt 'x') and (Size gt 5 or Size lt 1)",
      "(PartitionKey gt 'a' and PartitionKey lt 'b') and (Size gt 5 or Size lt 1)",
      "(PartitionKey eq 'b' and RowKey le 'y''') and (Size gt 5 or Size lt 1)",
    ]);
  });

  it.each([
    ["an open end", { after: { partitionKey: "", rowKey: "" } },
      ["PartitionKey eq '' and RowKey gt ''", "PartitionKey gt ''"]],
    ["an open beginning", { upTo: { partitionKey: "b", rowKey: "y" } },
      ["PartitionKey lt 'b'", "PartitionKey eq 'b' and RowKey le 'y'"]],
    ["one partition", { after: { partitionKey: "é", rowKey: "x" }, upTo: { partitionKey: "é", rowKey: "y" } },
      ["PartitionKey eq 'é' and RowKey gt 'x' and RowKey le 'y'"]],
    ["nothing", { after: { partitionKey: "b", rowKey: "x" }, upTo: { partitionKey: "a", rowKey: "y" } },
      ["PartitionKey eq 'a' and RowKey le 'y' and RowKey gt 'y'"]],
  ])("asks for a range with %s by keys only", async (_what, range, expected) => {
    answers = () => page([]);
    let continuation: Readonly<Record<string, string>> | undefined;
    do {
      continuation = (await store.readPage("Cities", { range, continuation })).next;
    } while (continuation !== undefined);
    expect(server.received.map(({ url }) => filterOf(url))).toEqual(expected);
  });

  it("asks for changes with `ge`, for keys with $select, and for fewer rows with $top", async () => {
    answers = () => page([entity("a", "b")]);
    const request = { changedSince: "2026-01-01T00:00:00.1234567Z", keysOnly: true, rowsMax: 7 };
    const { rows } = await store.readPage("Cities", request);
    expect(rows[0]).toMatchObject({ body: Buffer.alloc(0), digest: 0n, version: "W/\"datetime'1'\"" });
    const query = new URL(server.received[0]?.url ?? "", "http://x").searchParams;
    expect(Object.fromEntries(query)).toEqual({
      $filter: "Timestamp ge datetime'2026-01-01T00:00:00.1234567Z'",
      $select: "PartitionKey,RowKey,Timestamp",
      $top: "7",
    });
  });

  it("throws, to be read again, when a page ends early", async () => {
    answers = () => ({ status: 200, headers: { date: DATE }, body: `{"value":[${entity("a", "b")}` });
    await expect(store.readPage("Cities", {})).rejects.toMatchObject({ code: "MalformedResponse", retryable: true });
  });

  it("throws, to be read again, when the connection ends inside a page, and calls no read ambiguous", async () => {
    const raw = await rawServer((socket) => {
      socket.end(`HTTP/1.1 200 OK\r\nDate: ${DATE}\r\nContent-Length: 1000\r\n\r\n{"value":[`);
    });
    const broken = open(raw.endpoint);
    await expect(broken.readPage("Cities", {})).rejects.toMatchObject({
      code: "ConnectionLost", retryable: true, ambiguous: false,
    });
    await broken.close();
    await raw.stop();
  });

  it("throws, to be read again, when a chunked page ends without its last chunk", async () => {
    const raw = await rawServer((socket) => {
      socket.end(`HTTP/1.1 200 OK\r\nDate: ${DATE}\r\nTransfer-Encoding: chunked\r\n\r\nc\r\n{"value":[]}\r\n`);
    });
    const broken = open(raw.endpoint);
    await expect(broken.readPage("Cities", {})).rejects.toMatchObject({ code: "ConnectionLost", retryable: true });
    await broken.close();
    await raw.stop();
  });

  it("gives the same rows wherever the network cuts the page into pieces", async () => {
    const body = Buffer.from(`{"value":[${entity("a'é", "😀")},${entity("b", "c")}]}`);
    const head = `HTTP/1.1 200 OK\r\nDate: ${DATE}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`;
    let cut = 0;
    const raw = await rawServer((socket) => {
      socket.setNoDelay(true);
      socket.write(head);
      socket.write(body.subarray(0, cut));
      setImmediate(() => socket.end(body.subarray(cut)));
    });
    const split = open(raw.endpoint);
    for (cut = 1; cut < body.length; cut += 7) {
      const { rows } = await split.readPage("Cities", {});
      expect(rows.map(({ partitionKey, rowKey }) => [partitionKey, rowKey])).toEqual([["a'é", "😀"], ["b", "c"]]);
    }
    await split.close();
    await raw.stop();
  });

  it("gives up on a server that stays silent", async () => {
    const raw = await rawServer(() => undefined);
    const silent = openAzureTables(
      { kind: "sharedKey", account: "contoso", endpoint: raw.endpoint, key: KEY }, { timeoutMs: 200 },
    );
    await expect(silent.readPage("Cities", {})).rejects.toMatchObject({ code: "TimedOut", retryable: true });
    await silent.close();
    await raw.stop();
  });

  it("gives up on a server that never comes to an end", async () => {
    const raw = await rawServer((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nDate: ${DATE}\r\nContent-Length: 1000000\r\n\r\n`);
      const timer = setInterval(() => socket.write(" "), 20);
      socket.on("close", () => clearInterval(timer));
    });
    const endless = openAzureTables(
      { kind: "sharedKey", account: "contoso", endpoint: raw.endpoint, key: KEY }, { timeoutMs: 100 },
    );
    await expect(endless.readPage("Cities", {})).rejects.toMatchObject({ code: "TimedOut", retryable: true });
    await endless.close();
    await raw.stop();
  });

  it("says where the next page begins before this one is all there, and of a refusal says nothing", async () => {
    const body = `{"value":[${entity("a", "b")}]}`;
    let finish: () => void = () => undefined;
    const raw = await rawServer((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nDate: ${DATE}\r\nContent-Length: ${body.length}\r\n` +
        `x-ms-continuation-NextPartitionKey: 1!4!YQ--\r\n\r\n${body.slice(0, 10)}`);
      finish = () => socket.end(body.slice(10));
    });
    const early = open(raw.endpoint);
    let whole = false;
    const next = await new Promise((resolve) => {
      void early.readPage("Cities", { onNext: resolve }).then(() => (whole = true));
    });
    expect(next).toEqual({ part: "0", partitionKey: "1!4!YQ--" });
    expect(whole).toBe(false);
    finish();
    await early.close();
    await raw.stop();
    answers = () => ({ status: 404, headers: { "x-ms-continuation-nextpartitionkey": "x" }, body: "" });
    const onNext = jest.fn();
    await expect(store.readPage("Cities", { onNext })).rejects.toMatchObject({ code: "Http404" });
    expect(onNext).not.toHaveBeenCalled();
  });

  it("refuses a page without the server's time, which a watermark would need", async () => {
    const raw = await rawServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"value":[]}'));
    const dateless = open(raw.endpoint);
    await expect(dateless.readPage("Cities", {})).rejects.toThrow("no Date header");
    await dateless.close();
    await raw.stop();
  });

  it("does not ask for a table whose name would reach another resource", async () => {
    await expect(store.readPage("Tables('x')", {})).rejects.toMatchObject({ code: "TableNameInvalid" });
    expect(server.received).toEqual([]);
  });
});

describe("reading one row", () => {
  it("doubles quotes and percent-encodes keys, empty ones too", async () => {
    answers = () => ({ status: 200, headers: { date: DATE }, body: entity("O'Brien +%é😀", "") });
    const row = await store.readRow("Cities", { partitionKey: "O'Brien +%é😀", rowKey: "" });
    expect(row).toMatchObject({ partitionKey: "O'Brien +%é😀", rowKey: "" });
    expect(server.received[0]?.url).toBe(
      "/contoso/Cities(PartitionKey='O''Brien%20%2B%25%C3%A9%F0%9F%98%80',RowKey='')",
    );
  });

  it("tells a row that is not there from a table that is not there", async () => {
    const refusal = (code: string) => ({
      status: 404, headers: { date: DATE }, body: JSON.stringify({ "odata.error": { code, message: { value: "x" } } }),
    });
    answers = () => refusal("ResourceNotFound");
    await expect(store.readRow("Cities", { partitionKey: "a", rowKey: "b" })).resolves.toBeUndefined();
    answers = () => refusal("TableNotFound");
    await expect(store.readRow("Cities", { partitionKey: "a", rowKey: "b" })).rejects.toMatchObject({
      code: "TableNotFound",
    });
  });

  it("refuses a key that no URL can carry instead of asking for another one", async () => {
    await expect(store.readRow("Cities", { partitionKey: "\ud800", rowKey: "" })).rejects.toMatchObject({
      code: "KeyInvalid",
    });
  });
});
