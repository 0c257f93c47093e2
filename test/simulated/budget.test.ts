import type { Budget } from "./index";
import { SimulatedTableService, STORAGE_BUDGET } from "./index";
import { batchBody, RawClient } from "./rawClient";

/** A service whose clock stands still until it is told otherwise. */
function limited(budget: Budget) {
  const clock = { ms: Date.UTC(2026, 0, 1) };
  const now = () => clock.ms;
  const service = new SimulatedTableService({ accounts: [{ name: "contoso" }], now, budget });
  service.account("contoso").createTable("Rows");
  service.account("contoso").createTable("Others");
  return { service, clock, client: new RawClient(service, "contoso", now) };
}

function batch(client: RawClient, partitionKey: string, rows: number, from = 0, table = "Rows") {
  const parts = Array.from({ length: rows }, (_, n) => ({
    method: "POST",
    path: `/${table}`,
    body: JSON.stringify({ PartitionKey: partitionKey, RowKey: String(from + n) }),
  }));
  return client.send("POST", "/$batch", batchBody(parts));
}

describe("the row budget of the simulated storage account", () => {
  it("has the documented numbers: 2,000 rows a second in a partition, 20,000 in an account", () => {
    expect(STORAGE_BUDGET).toMatchObject({ partitionRowsPerSecond: 2_000, accountRowsPerSecond: 20_000 });
  });

  it("refuses with 503 ServerBusy what goes beyond a partition's second, and writes none of it", async () => {
    const { service, clock, client } = limited({ kind: "rows", partitionRowsPerSecond: 250 });
    expect((await batch(client, "p", 100)).status).toBe(202);
    expect((await batch(client, "p", 100, 100)).status).toBe(202);
    expect(await batch(client, "p", 100, 200)).toMatchObject({ status: 503, code: "ServerBusy" });
    expect(service.account("contoso").rows("Rows")).toHaveLength(200);
    // 50 rows' worth is left: 200 ms pay for the other 50.
    clock.ms += 199;
    expect((await batch(client, "p", 100, 200)).status).toBe(503);
    clock.ms += 1;
    expect((await batch(client, "p", 100, 200)).status).toBe(202);
  });

  it("counts each partition of each table by itself, and all of them for the account", async () => {
    const budget = { kind: "rows", partitionRowsPerSecond: 100, accountRowsPerSecond: 300 } as const;
    const { client, clock } = limited(budget);
    expect((await batch(client, "p", 100)).status).toBe(202);
    expect((await client.put("Rows", "p", "x", "")).status).toBe(503);
    expect((await batch(client, "q", 100)).status).toBe(202);
    expect((await batch(client, "p", 100, 0, "Others")).status).toBe(202);
    expect(await client.put("Rows", "r", "x", "")).toMatchObject({ status: 503, code: "ServerBusy" });
    clock.ms += 10;
    expect((await client.put("Rows", "r", "x", "")).status).toBe(204);
  });

  it("saves up no more than its burst, however long nobody came", async () => {
    const { client, clock } = limited({ kind: "rows", partitionRowsPerSecond: 100, burstSeconds: 0.5 });
    await client.put("Rows", "p", "first", "");
    clock.ms += 3_600_000;
    expect((await batch(client, "p", 50)).status).toBe(202);
    expect((await batch(client, "p", 50, 50)).status).toBe(503);
    clock.ms += 500;
    expect((await batch(client, "p", 50, 50)).status).toBe(202);
  });

  it("neither pays nor takes back anything when its clock goes backwards", async () => {
    const { client, clock } = limited({ kind: "rows", partitionRowsPerSecond: 100 });
    expect((await batch(client, "p", 50)).status).toBe(202);
    clock.ms -= 10_000;
    expect((await batch(client, "p", 50, 50)).status).toBe(202);
    clock.ms += 10_000;
    expect((await batch(client, "p", 50, 100)).status).toBe(503);
    clock.ms += 500;
    expect((await batch(client, "p", 50, 100)).status).toBe(202);
  });

  it("admits in the long run just as many rows as it is told, whoever hammers it", async () => {
    const { service, client, clock } = limited({ kind: "rows", partitionRowsPerSecond: 200, burstSeconds: 0.1 });
    let refused = 0;
    for (let n = 0; n < 2_000; n += 1) {
      const answer = await client.put("Rows", "p", String(n), "");
      if (answer.status === 503) refused += 1;
      clock.ms += 2;
    }
    const written = service.account("contoso").rows("Rows").length;
    // Four seconds at 200 a second and the burst of 20.
    expect(written).toBeGreaterThanOrEqual(800);
    expect(written).toBeLessThanOrEqual(821);
    const usage = service.budgetUsage("contoso");
    expect(usage.reduce((sum, { rows }) => sum + rows, 0)).toBe(written);
    expect(usage.reduce((sum, { refusals }) => sum + refusals, 0)).toBe(refused);
    expect(usage.map(({ rows }) => rows).slice(1)).toEqual([200, 200, 200]);
  });

  it("lets a page overdraw and makes the next one wait; reads cost nothing where they are free", async () => {
    const rows = Array.from({ length: 400 }, (_, n) => `{"PartitionKey":"p","RowKey":"${n}"}`);
    for (const readsAreFree of [false, true]) {
      const { service, client, clock } = limited({ kind: "rows", partitionRowsPerSecond: 100, readsAreFree });
      service.account("contoso").seedJson("Rows", rows);
      expect((await client.send("GET", "/Rows()")).status).toBe(200);
      clock.ms += 3_000;
      expect((await client.send("GET", "/Rows()")).status).toBe(readsAreFree ? 200 : 503);
      clock.ms += 10;
      expect((await client.send("GET", "/Rows()")).status).toBe(200);
    }
  });

  it("says how long to wait only where it was told to", async () => {
    for (const retryAfterSeconds of [undefined, 3]) {
      const waits = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
      const { client } = limited({ kind: "rows", accountRowsPerSecond: 1, ...waits });
      await client.put("Rows", "p", "1", "");
      const refused = await client.put("Rows", "p", "2", "");
      expect([refused.status, refused.headers["retry-after"]]).toEqual([503, retryAfterSeconds?.toString()]);
    }
  });

  it("is not there unless it was asked for, and can be changed on the way", async () => {
    const service = new SimulatedTableService({ accounts: [{ name: "contoso" }], now: () => 0 });
    const client = new RawClient(service, "contoso", () => 0);
    service.account("contoso").createTable("Rows");
    for (let n = 0; n < 50; n += 1) expect((await batch(client, "p", 100, 100 * n)).status).toBe(202);
    service.setBudget({ kind: "rows", accountRowsPerSecond: 1 });
    expect((await client.put("Rows", "q", "1", "")).status).toBe(204);
    expect((await client.put("Rows", "q", "2", "")).status).toBe(503);
    service.setBudget(undefined);
    expect((await client.put("Rows", "q", "2", "")).status).toBe(204);
  });
});

describe("the request-unit budget of the simulated Cosmos account", () => {
  it("answers 429 inside the 202 of a batch, with and without saying how long to wait", async () => {
    for (const retryHeader of [true, false]) {
      const { service, client } = limited({ kind: "requestUnits", unitsPerSecond: 400, retryHeader });
      // 100 rows cost 500 units: admitted, since something was left, and overdrawn by 100.
      expect((await batch(client, "p", 100)).text).not.toContain("429");
      const refused = await batch(client, "p", 1, 100);
      expect(refused.status).toBe(202);
      expect(refused.text).toContain("HTTP/1.1 429 Too Many Requests");
      expect(/x-ms-retry-after-ms: (\d+)/.exec(refused.text)?.[1]).toBe(retryHeader ? "253" : undefined);
      expect(service.account("contoso").rows("Rows")).toHaveLength(100);
      const single = await client.put("Rows", "p", "x", "");
      expect(single).toMatchObject({ status: 429, code: "TooManyRequests" });
      expect(single.headers["x-ms-retry-after-ms"]).toBe(retryHeader ? "253" : undefined);
    }
  });

  it("admits again when the wait it named is over, and not before", async () => {
    const { client, clock } = limited({ kind: "requestUnits", unitsPerSecond: 400, retryHeader: true });
    await batch(client, "p", 100);
    clock.ms += 252;
    expect((await client.put("Rows", "p", "x", "")).status).toBe(429);
    clock.ms += 1;
    expect((await client.put("Rows", "p", "x", "")).status).toBe(204);
  });

  it("gives each physical partition an equal share, which a hot partition key cannot exceed", async () => {
    const { client } = limited({ kind: "requestUnits", unitsPerSecond: 1_000, physicalPartitions: 10 });
    // Every key's partition has 100 units: 20 writes of 5.
    const statuses = [];
    for (let n = 0; n < 21; n += 1) statuses.push((await client.put("Rows", "hot", String(n), "")).status);
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 204), 429]);
    const others = await Promise.all([..."abcdefghij"].map((key) => client.put("Rows", key, "1", "")));
    expect(others.filter(({ status }) => status === 204).length).toBeGreaterThan(5);
  });

  it("has a budget of its own for every table, and charges reads less than writes", async () => {
    const { client } = limited({ kind: "requestUnits", unitsPerSecond: 10 });
    await client.put("Rows", "p", "1", "");
    await client.put("Rows", "p", "2", "");
    expect((await client.get("Rows", "p", "1")).status).toBe(429);
    expect((await client.put("Others", "p", "1", "")).status).toBe(204);
    const reads = [];
    for (let n = 0; n < 6; n += 1) reads.push((await client.get("Others", "p", "1")).status);
    expect(reads).toEqual([200, 200, 200, 200, 200, 429]);
  });
});
