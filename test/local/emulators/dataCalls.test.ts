import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readDataCalls, recordDataCalls } from "../../../local/emulators/dataCalls";

let folder: string;
let file: string;
let server: Server;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "landbridge-calls-"));
  file = join(folder, "calls.jsonl");
  server = createServer((incoming, response) => {
    incoming.resume();
    incoming.once("end", () => response.writeHead(400).end());
  });
  recordDataCalls(server, file);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

/** Paths as they are: `fetch` would put them right. */
function ask(method: string, path: string, body = ""): Promise<number> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, method, path, headers: { connection: "close" } };
    const asking = request(options, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode ?? 0));
    });
    asking.once("error", reject);
    asking.end(body);
  });
}

describe("what the emulated table service writes down", () => {
  it.each([
    ["a stray % in the path", "GET", "/contoso/Ci%ties()", "", "Ci%ties"],
    ["a stray % inside of a batch", "POST", "/contoso/$batch",
      "PUT http://127.0.0.1/contoso/Ci%ties(PartitionKey='a',RowKey='1') HTTP/1.1\r\n\r\n", "Ci%ties"],
    ["an address that names no path", "GET", "//", "", ""],
  ])("takes %s as it is, and the service goes on answering", async (_what, method, path, body, table) => {
    expect(await ask(method, path, body)).toBe(400);
    expect(readDataCalls(file)).toEqual([expect.objectContaining({ table, count: 1, status: 400 })]);
    expect(await ask("GET", "/contoso/Cit%69es()")).toBe(400);
    expect(readDataCalls(file).at(-1)).toMatchObject({ account: "contoso", table: "Cities", operation: "QueryRows" });
  });
});
