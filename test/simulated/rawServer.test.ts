import type { Socket } from "node:net";
import { connect } from "node:net";
import type { SimulatedServer } from "./index";
import { serveRaw, SimulatedTableService } from "./index";
import { sign } from "./signing";

const ACCOUNT = "contoso";

describe("the simulated service on bare sockets", () => {
  let service: SimulatedTableService;
  let server: SimulatedServer;
  let socket: Socket;
  let received: string;
  let latencyMs = 0;

  beforeEach(async () => {
    latencyMs = 0;
    service = new SimulatedTableService({ accounts: [{ name: ACCOUNT }] });
    service.account(ACCOUNT).createTable("Rows");
    server = await serveRaw(service, () => latencyMs);
    received = "";
    socket = connect(server.port, "127.0.0.1");
    socket.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")));
    await new Promise((resolve) => socket.once("connect", resolve));
  });

  afterEach(async () => {
    socket.destroy();
    await server.close();
  });

  function request(rowKey: string, body: string, extra: readonly string[] = []): string {
    const path = `/${ACCOUNT}/Rows(PartitionKey='p',RowKey='${rowKey}')`;
    const date = new Date().toUTCString();
    const signature = sign(`${date}\n/${ACCOUNT}${path}`, service.account(ACCOUNT).keys[0]);
    const length = extra.some((line) => line.startsWith("Transfer-Encoding")) ? [] : [`Content-Length: ${body.length}`];
    return [
      `PUT ${path} HTTP/1.1`, "Host: localhost", `x-ms-date: ${date}`, "X-MS-Version: 2019-02-02",
      `Authorization: SharedKeyLite ${ACCOUNT}:${signature}`, "Content-Type: application/json", ...length, ...extra,
      "", body,
    ].join("\r\n");
  }

  const statuses = () => [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => Number(match[1]));
  const keys = () => service.account(ACCOUNT).rows("Rows").map(({ rowKey }) => rowKey);

  async function until(done: () => boolean): Promise<void> {
    const deadline = Date.now() + 5_000;
    while (!done()) {
      if (Date.now() > deadline) throw new Error(`Nothing more came after: ${received}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  it("answers requests sent all at once, in their order, on one connection", async () => {
    // Every third is refused, so that the order shows.
    const wanted = Array.from({ length: 50 }, (_, n) => (n % 3 === 0 ? 400 : 204));
    socket.write(wanted.map((status, n) => request(String(n), status === 400 ? "[]" : "{}")).join(""));
    await until(() => statuses().length === 50);
    expect(statuses()).toEqual(wanted);
    expect(keys()).toHaveLength(wanted.filter((status) => status === 204).length);
  });

  it("waits for the rest of a request, wherever it was cut", async () => {
    const two = request("a", '{"v":"x"}') + request("b", "{}", ["Transfer-Encoding: chunked"])
      .replace(/\{\}$/, '3\r\n{"w\r\n4;note=x\r\n":1}\r\n0\r\n\r\n');
    for (const byte of two) {
      socket.write(byte, "latin1");
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => statuses().length === 2);
    expect(statuses()).toEqual([204, 204]);
    expect(service.account(ACCOUNT).rows("Rows")[1]?.properties.get("w")).toEqual({ type: "Edm.Int32", value: 1 });
  });

  it("reads a body of many pieces whole", async () => {
    const text = "x".repeat(32_000);
    const large = `{${Array.from({ length: 15 }, (_, n) => `"v${n}":"${text}"`).join(",")}}`;
    socket.write(request("large", large));
    socket.write(request("after", "{}"));
    await until(() => statuses().length === 2);
    expect(statuses()).toEqual([204, 204]);
    const [, row] = service.account(ACCOUNT).rows("Rows");
    expect(row?.properties.get("v14")).toEqual({ type: "Edm.String", value: text });
  });

  it("tells a client to go on that asks before it sends its body", async () => {
    const whole = request("a", "{}", ["Expect: 100-continue"]);
    socket.write(whole.slice(0, -2));
    await until(() => received.includes("100 Continue"));
    socket.write("{}");
    await until(() => statuses().length === 2);
    expect(statuses()).toEqual([100, 204]);
  });

  it("lets no answer overtake another while each takes its time", async () => {
    latencyMs = 20;
    const start = Date.now();
    socket.write(request("a", "{}") + request("b", "[]") + request("c", "{}"));
    await until(() => statuses().length === 3);
    expect(Date.now() - start).toBeGreaterThanOrEqual(55);
    expect(statuses()).toEqual([204, 400, 204]);
  });

  it("ends the connection where it is told to, and where what comes is no HTTP", async () => {
    let ended = false;
    socket.once("end", () => (ended = true));
    socket.write(request("a", "{}", ["Connection: close"]));
    await until(() => ended);
    expect(statuses()).toEqual([204]);
    const other = connect(server.port, "127.0.0.1");
    let text = "";
    other.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    other.write("HELO example\r\n\r\n");
    await new Promise((resolve) => other.once("close", resolve));
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
  });

  it("drops the connection where a fault says so, after the work was done or before", async () => {
    for (const kind of ["dropBefore", "dropAfter"] as const) {
      service.faults.add({ kind });
      const other = connect(server.port, "127.0.0.1");
      const closed = new Promise((resolve) => other.once("close", resolve));
      other.on("error", (error) => expect(error.message).toContain("ECONNRESET"));
      other.write(request(kind, "{}"));
      await closed;
    }
    expect(keys()).toEqual(["dropAfter"]);
  });
});
