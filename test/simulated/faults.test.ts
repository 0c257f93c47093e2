import { request } from "undici";
import type { FaultKind, Latency } from "./index";
import { ConnectionDropped, serve, sign, SimulatedTableService } from "./index";
import { batchBody, RawClient } from "./rawClient";

describe("faults of the simulated table service", () => {
  let service: SimulatedTableService;
  let client: RawClient;

  beforeEach(() => {
    service = new SimulatedTableService({ accounts: [{ name: "contoso" }], seed: 3 });
    client = new RawClient(service, "contoso");
    service.account("contoso").createTable("Rows");
  });

  const put = () => client.put("Rows", "p", "r", "");
  const stored = () => service.account("contoso").rows("Rows").length;
  const insert = { method: "POST", path: "/Rows", body: '{"PartitionKey":"p","RowKey":"b"}' };
  const batch = () => client.send("POST", "/$batch", batchBody([insert]));

  it.each<[FaultKind, number, string]>([
    ["busy", 503, "ServerBusy"], ["tooManyRequests", 429, "TooManyRequests"], ["timeout", 500, "OperationTimedOut"],
    ["internal", 500, "InternalError"],
  ])("%s is answered once, before anything is done", async (kind, status, code) => {
    service.faults.add({ kind, retryAfterSeconds: 2 });
    const answer = await put();
    expect(answer).toMatchObject({ status, code });
    expect(answer.headers["retry-after"]).toBe(code === "ServerBusy" || code === "TooManyRequests" ? "2" : undefined);
    expect(stored()).toBe(0);
    expect((await put()).status).toBe(204);
  });

  it("throttles inside the 202 of a batch, and leaves other requests alone", async () => {
    service.faults.add({ kind: "tooManyRequestsInBatch", retryAfterSeconds: 1, retryAfterMs: 900 });
    expect((await put()).status).toBe(204);
    const refused = await batch();
    expect(refused.status).toBe(202);
    expect(refused.text).toMatch(/HTTP\/1\.1 429 Too Many Requests[\s\S]*retry-after: 1\r\n[\s\S]*"value":"0:/);
    expect(refused.text).toContain("\r\nx-ms-retry-after-ms: 900\r\n");
    expect(stored()).toBe(1);
    expect((await batch()).code).toBeUndefined();
    expect(stored()).toBe(2);
  });

  it("breaks inside the 202 of a batch, and nothing of it was done", async () => {
    service.faults.add({ kind: "internalInBatch" });
    expect((await put()).status).toBe(204);
    const refused = await batch();
    expect(refused.status).toBe(202);
    expect(refused.text).toMatch(/HTTP\/1\.1 500 Internal Server Error[\s\S]*"code":"InternalError"/);
    expect(stored()).toBe(1);
  });

  it("drops a connection before or after the work was done", async () => {
    service.faults.add({ kind: "dropBefore" });
    await expect(put()).rejects.toBeInstanceOf(ConnectionDropped);
    expect(stored()).toBe(0);
    service.faults.add({ kind: "dropAfter" });
    await expect(put()).rejects.toBeInstanceOf(ConnectionDropped);
    expect(stored()).toBe(1);
    expect(service.log.map(({ status }) => status)).toEqual([0, 0]);
  });

  it("times out although the work was done", async () => {
    service.faults.add({ kind: "timeoutAfterCommit" });
    expect((await put()).code).toBe("OperationTimedOut");
    expect(stored()).toBe(1);
  });

  it("cuts an answer short, and did the work", async () => {
    service.faults.add({ kind: "cutShort" });
    expect((await batch()).text).not.toMatch(/--\r\n$/);
    expect(stored()).toBe(1);
  });

  it("lets every SAS of an account expire in the middle of a run", async () => {
    const se = new Date(Date.now() + 60_000).toISOString();
    const account = service.account("contoso");
    const text = ["contoso", "r", "t", "o", "", se, "", "", "2019-02-02", ""].join("\n");
    const sig = encodeURIComponent(sign(text, account.keys[0]));
    const sas = `sv=2019-02-02&ss=t&srt=o&sp=r&se=${encodeURIComponent(se)}&sig=${sig}`;
    const read = () => client.send("GET", "/Rows()", { sas });
    service.faults.add({ kind: "expireSas", skip: 1 });
    const statuses = [(await read()).status, (await read()).status, (await read()).status];
    expect(statuses).toEqual([200, 403, 403]);
    account.sasCutOff = false;
    expect((await read()).status).toBe(200);
  });

  it("hits the requests a rule names, as often as it says", async () => {
    service.faults.add({ kind: "busy", times: 2, skip: 1, when: ({ method }) => method === "PUT" });
    await client.send("GET", "/Rows()");
    const statuses = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await put()).status);
    expect(statuses).toEqual([204, 503, 503, 204]);
  });

  it("draws the same chances from the same seed", async () => {
    const run = async (seed: number) => {
      const other = new SimulatedTableService({ accounts: [{ name: "contoso" }], seed });
      other.account("contoso").createTable("Rows");
      other.faults.add({ kind: "busy", chance: 0.3 });
      const sender = new RawClient(other, "contoso");
      for (let n = 0; n < 40; n += 1) await sender.put("Rows", "p", String(n), "");
      return other.log.map(({ status }) => status).join();
    };
    const first = await run(5);
    expect(first).toContain("503");
    expect(await run(5)).toBe(first);
    expect(await run(6)).not.toBe(first);
  });

  it("takes as long as it is told to", async () => {
    const slept: number[] = [];
    const slow = new SimulatedTableService({
      accounts: [{ name: "contoso" }],
      latencyMs: 250,
      sleep: (ms) => {
        slept.push(ms);
        return Promise.resolve();
      },
    });
    await new RawClient(slow, "contoso").send("GET", "/Tables");
    expect(slept).toEqual([250]);
  });

  it("takes a time that is drawn for each request, the same from the same seed, or that depends on it", async () => {
    const sleeping = async (latencyMs: Latency, seed: number) => {
      const slept: number[] = [];
      const sleep = async (ms: number) => void slept.push(ms);
      const slow = new SimulatedTableService({ accounts: [{ name: "contoso" }], latencyMs, seed, sleep });
      slow.account("contoso").createTable("Rows");
      slow.faults.add({ kind: "busy", chance: 0.5 });
      const sender = new RawClient(slow, "contoso");
      for (let n = 0; n < 30; n += 1) await sender.send(n % 2 === 0 ? "GET" : "POST", "/Tables");
      return { slept, statuses: slow.log.map(({ status }) => status).join() };
    };
    const between = { minMs: 5, maxMs: 40 };
    const first = await sleeping(between, 1);
    expect(Math.min(...first.slept)).toBeGreaterThanOrEqual(5);
    expect(Math.max(...first.slept)).toBeLessThanOrEqual(40);
    expect(new Set(first.slept).size).toBe(30);
    expect(await sleeping(between, 1)).toEqual(first);
    expect((await sleeping(between, 2)).slept).not.toEqual(first.slept);
    // Latency draws from a sequence of its own: faults strike as they would without.
    expect((await sleeping(0, 1)).statuses).toBe(first.statuses);
    const ofPosts = await sleeping(({ method }) => (method === "POST" ? 9 : 0), 1);
    expect(ofPosts.slept).toEqual(Array.from({ length: 15 }, () => 9));
  });

  it("breaks the socket of a caller on loopback", async () => {
    const server = await serve(service);
    try {
      service.faults.add({ kind: "dropBefore" });
      await expect(request(`${server.endpoint("contoso")}/Tables`)).rejects.toThrow();
      expect((await request(`${server.endpoint("contoso")}/Tables`)).statusCode).toBe(403);
    } finally {
      await server.close();
    }
  });
});
