import type { Store, WriteOperation } from "../../../migration/engine/store";
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

function operation(kind: WriteOperation["kind"], rowKey: string, version?: string): WriteOperation {
  const key = { partitionKey: "p", rowKey };
  const body = Buffer.from(`{"PartitionKey":"p","RowKey":${JSON.stringify(rowKey)},"A":"é"}`);
  return { kind, key, ...(kind === "delete" ? {} : { body }), ...(version === undefined ? {} : { version }) };
}

function part(status: string, headers: string, body = "", eol = "\r\n"): string {
  return [
    "--changesetresponse_c", "Content-Type: application/http", "Content-Transfer-Encoding: binary", "",
    `HTTP/1.1 ${status}`, headers, "", body, "",
  ].join(eol);
}

function batchAnswer(parts: readonly string[], eol = "\r\n"): Answer {
  const body = [
    "--batchresponse_b", "Content-Type: multipart/mixed; boundary=changesetresponse_c", "",
    parts.join(""), "--changesetresponse_c--", "--batchresponse_b--", "",
  ].join(eol);
  return { status: 202, headers: { date: DATE, "content-type": "multipart/mixed; boundary=batchresponse_b" }, body };
}

function failure(status: string, code: string, message: string, headers = ""): Answer {
  const error = JSON.stringify({ "odata.error": { code, message: { lang: "en-US", value: message } } });
  return batchAnswer([part(status, `Content-Type: application/json${headers}`, error)]);
}

const NO_CONTENT = (etag: string) => part("204 No Content", `ETag: ${etag}`);

beforeEach(async () => {
  server = await cannedServer((request) => answers(request));
  store = open(server.endpoint);
});

afterEach(async () => {
  await store.close();
  await server.stop();
});

describe("writing one row", () => {
  it.each([
    ["insert", 'W/"1"', "POST", "/contoso/Cities", undefined],
    ["replace", 'W/"1"', "PUT", "/contoso/Cities(PartitionKey='p',RowKey='r''1')", 'W/"1"'],
    ["merge", "*", "PATCH", "/contoso/Cities(PartitionKey='p',RowKey='r''1')", "*"],
    ["putReplace", 'W/"1"', "PUT", "/contoso/Cities(PartitionKey='p',RowKey='r''1')", undefined],
    ["putMerge", undefined, "PATCH", "/contoso/Cities(PartitionKey='p',RowKey='r''1')", undefined],
    ["delete", 'W/"1"', "DELETE", "/contoso/Cities(PartitionKey='p',RowKey='r''1')", 'W/"1"'],
  ] as const)("sends a %s on its own, with the row's bytes", async (kind, version, method, url, ifMatch) => {
    answers = () => ({ status: 204, headers: { date: DATE, etag: 'W/"2"' } });
    const wanted = operation(kind, "r'1", version);
    const outcome = await store.write("Cities", [wanted]);
    expect(outcome).toEqual({ committed: true, versions: [kind === "delete" ? "" : 'W/"2"'] });
    const [request] = server.received;
    expect(request).toMatchObject({ method, url });
    expect(request?.headers["if-match"]).toBe(ifMatch);
    expect(request?.headers.prefer).toBe("return-no-content");
    expect(request?.body).toBe(Buffer.from(wanted.body ?? []).toString());
  });

  it.each([
    [409, "EntityAlreadyExists", "exists"],
    [412, "UpdateConditionNotSatisfied", "changed"],
    [404, "ResourceNotFound", "gone"],
    [400, "PropertyNameInvalid", "invalid"],
    [413, "RequestBodyTooLarge", "invalid"],
  ])("turns %i %s into the outcome \"%s\"", async (status, code, reason) => {
    answers = () => ({
      status, headers: { date: DATE }, body: JSON.stringify({ "odata.error": { code, message: { value: "why" } } }),
    });
    const outcome = await store.write("Cities", [operation("insert", "r")]);
    expect(outcome).toMatchObject({ committed: false, failedIndex: 0, reason, error: { code } });
  });

  it("calls a lost answer ambiguous: the row may be there", async () => {
    const raw = await rawServer((socket) => socket.destroy());
    const broken = open(raw.endpoint);
    await expect(broken.write("Cities", [operation("insert", "r")])).rejects.toMatchObject({
      code: "ConnectionLost", retryable: true, ambiguous: true,
    });
    await broken.close();
    await raw.stop();
  });

  it("calls silence ambiguous too", async () => {
    const raw = await rawServer(() => undefined);
    const silent = openAzureTables(
      { kind: "sharedKey", account: "contoso", endpoint: raw.endpoint, key: KEY }, { timeoutMs: 200 },
    );
    await expect(silent.write("Cities", [operation("insert", "r")])).rejects.toMatchObject({
      code: "TimedOut", retryable: true, ambiguous: true,
    });
    await silent.close();
    await raw.stop();
  });

  it("does not call a refused connection ambiguous: nothing was sent", async () => {
    const raw = await rawServer(() => undefined);
    await raw.stop();
    const gone = open(raw.endpoint);
    await expect(gone.write("Cities", [operation("insert", "r")])).rejects.toMatchObject({
      code: "Unreachable", retryable: true, ambiguous: false,
    });
    await gone.close();
  });

  it("does not take a success without an ETag for a known state", async () => {
    answers = () => ({ status: 204, headers: { date: DATE } });
    await expect(store.write("Cities", [operation("insert", "r")])).rejects.toMatchObject({ ambiguous: true });
  });
});

describe("writing a batch", () => {
  const three = [operation("insert", "1"), operation("replace", "2'", 'W/"x"'), operation("delete", "3", "*")];
  const good = [NO_CONTENT('W/"1"'), NO_CONTENT('W/"2"'), part("204 No Content", "DataServiceVersion: 1.0;")];

  it("sends one changeset whose parts name method, address, condition and exact bytes", async () => {
    answers = () => batchAnswer(good);
    const outcome = await store.write("Cities", three);
    expect(outcome).toEqual({ committed: true, versions: ['W/"1"', 'W/"2"', ""] });
    const [request] = server.received;
    expect(request?.url).toBe("/contoso/$batch");
    const boundary = /^multipart\/mixed; boundary=(batch_.+)$/.exec(request?.headers["content-type"] ?? "")?.[1] ?? "?";
    const changeset = /boundary=(changeset_[\w-]+)/.exec(request?.body ?? "")?.[1] ?? "?";
    const { endpoint } = server;
    const inner = "Accept: application/json;odata=minimalmetadata\r\nDataServiceVersion: 3.0;NetFx\r\n" +
      "Prefer: return-no-content\r\n";
    const head = `--${changeset}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n`;
    const bodies = three.map(({ body }) => Buffer.from(body ?? []));
    const sized = (i: number) => `Content-Type: application/json\r\nContent-Length: ${bodies[i]?.length}\r\n`;
    expect(request?.body).toBe(
      `--${boundary}\r\nContent-Type: multipart/mixed; boundary=${changeset}\r\n\r\n` +
        `${head}POST ${endpoint}/Cities HTTP/1.1\r\n${inner}${sized(0)}\r\n${bodies[0]}\r\n` +
        `${head}PUT ${endpoint}/Cities(PartitionKey='p',RowKey='2''') HTTP/1.1\r\n${inner}` +
        `If-Match: W/"x"\r\n${sized(1)}\r\n${bodies[1]}\r\n` +
        `${head}DELETE ${endpoint}/Cities(PartitionKey='p',RowKey='3') HTTP/1.1\r\n${inner}If-Match: *\r\n\r\n\r\n` +
        `--${changeset}--\r\n--${boundary}--\r\n`,
    );
  });

  it("knows beforehand how many bytes it sends, never too few", async () => {
    answers = () => batchAnswer(good);
    await store.write("Cities", three);
    const sent = Buffer.byteLength(server.received[0]?.body ?? "");
    const promised = three.reduce((sum, each) => sum + store.wireBytes(each), 0);
    expect(sent - promised).toBeLessThanOrEqual(1024);
    expect(store.limits.batchBytesMax + 1024).toBe(4 * 1024 * 1024);
    expect(promised).toBeGreaterThan(sent / 2);
  });

  it.each([
    ["bare line feeds", batchAnswer(good.map((text) => text.replaceAll("\r\n", "\n")), "\n")],
    ["extra blank lines", batchAnswer(good.map((text) => text.replace("binary\r\n", "binary\r\n\r\n\r\n")))],
    ["a quoted boundary", {
      ...batchAnswer(good),
      headers: { date: DATE, "content-type": 'multipart/mixed; charset=utf-8; boundary="batchresponse_b"' },
    }],
  ])("reads an answer with %s", async (_what, answer) => {
    answers = () => answer;
    await expect(store.write("Cities", three)).resolves.toMatchObject({ committed: true });
  });

  it.each([
    ["409 Conflict", "EntityAlreadyExists", "0:The specified entity already exists.\nRequestId:1", 0, "exists"],
    ["412 Precondition Failed", "UpdateConditionNotSatisfied", "1:Condition not met.", 1, "changed"],
    ["404 Not Found", "ResourceNotFound", "2:No such entity.", 2, "gone"],
    ["400 Bad Request", "PropertyValueTooLarge", "1:Too large.", 1, "invalid"],
    ["400 Bad Request", "InvalidInput", "Something about the batch.", undefined, "invalid"],
    ["400 Bad Request", "InvalidInput", "99:Out of range.", undefined, "invalid"],
  ])("finds which row was refused inside a 202: %s %s", async (status, code, message, failedIndex, reason) => {
    answers = () => failure(status, code, message);
    const outcome = await store.write("Cities", three);
    expect(outcome).toMatchObject({ committed: false, failedIndex, reason, error: { code } });
    expect(outcome.committed || outcome.error.message).not.toContain("RequestId");
  });

  it.each([
    ["429 Too Many Requests", "TooManyRequests", true, false],
    ["503 Service Unavailable", "ServerBusy", true, false],
    ["500 Internal Server Error", "OperationTimedOut", false, true],
    ["408 Request Timeout", "RequestTimeout", false, true],
  ])("throws an inner %s although the whole came as 202", async (status, code, throttled, ambiguous) => {
    answers = () => failure(status, code, "0:Slow down.", "\r\nRetry-After: 3");
    await expect(store.write("Cities", three)).rejects.toMatchObject({
      code, retryable: true, throttled, ambiguous, retryAfterMs: 3000,
    });
  });

  it("throws an inner refusal that is not about the rows", async () => {
    answers = () => failure("404 Not Found", "TableNotFound", "0:The table specified does not exist.");
    await expect(store.write("Cities", three)).rejects.toMatchObject({ code: "TableNotFound", retryable: false });
    answers = () => failure("403 Forbidden", "AuthorizationPermissionMismatch", "0:No.");
    await expect(store.write("Cities", three)).rejects.toMatchObject({ code: "AuthorizationPermissionMismatch" });
  });

  it("looks past operations that failed only because another one did", async () => {
    const dependent = part("424 Failed Dependency", "", '{"odata.error":{"code":"FailedDependency","message":{}}}');
    const cause = part("409 Conflict", "", '{"odata.error":{"code":"EntityAlreadyExists","message":{"value":"1:x"}}}');
    answers = () => batchAnswer([dependent, cause]);
    await expect(store.write("Cities", three)).resolves.toMatchObject({ failedIndex: 1, reason: "exists" });
  });

  it("takes neither too few results nor missing ETags for success", async () => {
    answers = () => batchAnswer(good.slice(0, 2));
    await expect(store.write("Cities", three)).rejects.toMatchObject({ ambiguous: true, retryable: true });
    answers = () => batchAnswer([good[2] as string, ...good.slice(1)]);
    await expect(store.write("Cities", three)).rejects.toMatchObject({ ambiguous: true, retryable: true });
  });

  it("does not take braces in a successful part for an error", async () => {
    const created = part("201 Created", 'ETag: W/"1"', '{"PartitionKey":"p","odata.error":"a property\'s text"}');
    answers = () => batchAnswer([created, ...good.slice(1)]);
    await expect(store.write("Cities", three)).resolves.toMatchObject({ committed: true });
  });

  it("never takes an answer that was cut off anywhere for success", async () => {
    const whole = batchAnswer(good);
    const body = String(whole.body).trimEnd();
    for (let length = 0; length < body.length; length += 3) {
      answers = () => ({ ...whole, body: body.slice(0, length) });
      await expect(store.write("Cities", three)).rejects.toMatchObject({ retryable: true, ambiguous: true });
    }
  });

  it("does not take another kind of answer for success", async () => {
    answers = () => ({ status: 202, headers: { date: DATE, "content-type": "text/html" }, body: "<html>proxy</html>" });
    await expect(store.write("Cities", three)).rejects.toMatchObject({ retryable: true, ambiguous: true });
  });

  it("keeps a batch within one partition and 100 operations", async () => {
    const other = { ...operation("insert", "1"), key: { partitionKey: "q", rowKey: "1" } };
    await expect(store.write("Cities", [operation("insert", "1"), other])).rejects.toThrow("one partition");
    const many = Array.from({ length: 101 }, () => operation("insert", "1"));
    await expect(store.write("Cities", many)).rejects.toThrow("101");
    expect(server.received).toEqual([]);
  });
});
