import { connect } from "node:net";
import type { SimulatedServer } from "./index";
import { ConnectionDropped, serve, serveRaw, SimulatedTableService } from "./index";
import { batchBody, RawClient, rowPath } from "./rawClient";

const KEY = Buffer.from("a key").toString("base64");

interface Wire {
  readonly text: string;
  readonly contentLength: number;
  readonly bodyBytes: number;
  /** How it ended: in good order, or with an error's code. */
  readonly end: string;
}

/** Within this time a connection that was reset says so to who writes on it. */
const WRITE_MS = 150;

/**
 * Sends a request as it is, and reads whatever comes until the connection ends. A client that has read something is
 * told of a reset as of an end in good order, so it writes once more: only a connection that was reset breaks then.
 */
function exchange(server: SimulatedServer, request: string): Promise<Wire> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true }, () => socket.write(request));
    const done = (end: string) => {
      socket.destroy();
      const all = Buffer.concat(chunks);
      const headEnd = all.indexOf("\r\n\r\n") + 4;
      const text = all.toString("utf8");
      const contentLength = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? -1);
      resolve({ text, contentLength, bodyBytes: headEnd < 4 ? 0 : all.length - headEnd, end });
    };
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("error", (error: NodeJS.ErrnoException) => done(error.code ?? "error"));
    socket.on("end", () => {
      socket.write("GET ");
      setTimeout(() => done("in good order"), WRITE_MS);
    });
    socket.setTimeout(5_000, () => done("never"));
  });
}

describe("torn answers of the simulated table service", () => {
  let service: SimulatedTableService;
  let client: RawClient;

  beforeEach(() => {
    service = new SimulatedTableService({ accounts: [{ name: "contoso", key: KEY }], seed: 3 });
    client = new RawClient(service, "contoso");
    service.account("contoso").createTable("Rows");
  });

  const insert = (rowKey: string) => ({
    method: "POST", path: "/Rows", body: JSON.stringify({ PartitionKey: "p", RowKey: rowKey }),
  });

  it.each(["closeInAnswer", "resetInAnswer"] as const)(
    "%s does the work, and tells an in-process caller that the connection broke in the answer",
    async (kind) => {
      service.faults.add({ kind });
      const sent = client.send("POST", "/$batch", batchBody([insert("a"), insert("b")]));
      await expect(sent).rejects.toBeInstanceOf(ConnectionDropped);
      await expect(sent).rejects.toMatchObject({
        moment: "inAnswer", torn: { end: kind === "closeInAnswer" ? "close" : "reset" },
      });
      expect(service.account("contoso").rows("Rows")).toHaveLength(2);
      expect(service.log.at(-1)).toMatchObject({ status: 0 });
    },
  );

  describe.each([
    ["node:http", serve],
    ["bare sockets", serveRaw],
  ])("on loopback, served by %s", (_title, start) => {
    let server: SimulatedServer;

    beforeEach(async () => {
      server = await start(service);
    });

    afterEach(() => server.close());

    it.each([["closeInAnswer", "in good order"], ["resetInAnswer", "ECONNRESET"]] as const)(
      "%s: half of the body, the length of the whole, and the connection ends (%s)",
      async (kind, end) => {
        const signed = await signedRequest(client);
        const whole = await exchange(server, signed);
        expect(whole.bodyBytes).toBe(whole.contentLength);
        service.faults.add({ kind });
        const torn = await exchange(server, signed);
        expect(torn.end).toBe(end);
        const { contentLength } = whole;
        expect(torn).toMatchObject({ contentLength, bodyBytes: Math.floor(contentLength / 2) });
        expect((await exchange(server, signed)).bodyBytes).toBe(whole.contentLength);
      },
    );

    it("cutShort: half of the body, with a length that is right for the half", async () => {
      const signed = await signedRequest(client);
      const whole = await exchange(server, signed);
      service.faults.add({ kind: "cutShort" });
      const cut = await exchange(server, signed);
      expect(cut).toMatchObject({ end: "in good order", bodyBytes: Math.floor(whole.contentLength / 2) });
      expect(cut.contentLength).toBe(cut.bodyBytes);
    });
  });

  /** A page of ten rows, asked for as the in-process client would, but path style. */
  async function signedRequest(raw: RawClient): Promise<string> {
    for (let n = 0; n < 10; n += 1) await raw.put("Rows", "p", String(n), `"v":"${"x".repeat(200)}"`);
    const headers = raw.signed("/contoso/Rows()");
    const lines = Object.entries({ ...headers, host: "127.0.0.1", connection: "close" });
    return `GET /contoso/Rows() HTTP/1.1\r\n${lines.map(([n, v]) => `${n}: ${v}`).join("\r\n")}\r\n\r\n`;
  }

  it("a refused batch names the wrong operation, or none, and only refused ones do", async () => {
    await client.put("Rows", "p", "taken", "");
    const refused = async (rowKeys: readonly string[]) => {
      const { text } = await client.send("POST", "/$batch", batchBody(rowKeys.map(insert)));
      return /"value":"((?:\d+:)?)The/.exec(text)?.[1];
    };
    expect(await refused(["a", "taken", "b"])).toBe("1:");
    service.faults.add({ kind: "wrongIndexInBatch", times: 2 });
    expect((await client.send("POST", "/$batch", batchBody([insert("c")]))).text).toContain("204 No Content");
    expect((await client.put("Rows", "p", "d", "")).status).toBe(204);
    expect(await refused(["a", "taken", "b"])).toBe("2:");
    expect(await refused(["a", "b", "taken"])).toBe("0:");
    service.faults.add({ kind: "noIndexInBatch" });
    expect(await refused(["a", "taken"])).toBe("");
    expect(await refused(["a", "taken"])).toBe("1:");
    expect((await client.send("DELETE", rowPath("Rows", "p", "a"), { headers: { "if-match": "*" } })).status).toBe(404);
  });
});
