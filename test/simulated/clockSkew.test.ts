import { msFromTicks, SimulatedTableService, sign, STORAGE_BUDGET } from "./index";
import { RawClient } from "./rawClient";

const NOON = Date.UTC(2026, 0, 1, 12);
const MINUTE = 60_000;

describe("the skewed clock of the simulated table service", () => {
  function skewed(clockSkew: { offsetMs?: number; rowOffsetMs?: number; driftMsPerHour?: number }) {
    const time = { ms: NOON };
    const now = () => time.ms;
    const service = new SimulatedTableService({
      accounts: [{ name: "contoso" }], now, clockSkew, budget: { ...STORAGE_BUDGET, partitionRowsPerSecond: 1 },
    });
    service.account("contoso").createTable("Rows");
    const client = new RawClient(service, "contoso", now);
    const dateOf = async () => Date.parse((await client.send("GET", "/Tables")).headers["date"] ?? "");
    const stampOf = (rowKey: string) => {
      const row = service.account("contoso").row("Rows", "p", rowKey);
      return row === undefined ? Number.NaN : msFromTicks(row.ticks);
    };
    return { service, client, time, dateOf, stampOf };
  }

  it.each([[5 * MINUTE], [-5 * MINUTE]])("tells the time %i ms off, in Date and in Timestamps", async (offsetMs) => {
    const { client, dateOf, stampOf } = skewed({ offsetMs });
    expect(await dateOf()).toBe(NOON + offsetMs);
    await client.put("Rows", "p", "r", "");
    expect(stampOf("r")).toBe(NOON + offsetMs);
  });

  it("stamps rows by another clock than the one that answers, where told to", async () => {
    const { client, dateOf, stampOf } = skewed({ offsetMs: MINUTE, rowOffsetMs: -3_000 });
    await client.put("Rows", "p", "r", "");
    expect([await dateOf(), stampOf("r")]).toEqual([NOON + MINUTE, NOON + MINUTE - 3_000]);
  });

  it("drifts, from the moment it is told to", async () => {
    const { service, time, dateOf } = skewed({ driftMsPerHour: 6_000 });
    time.ms += 10 * MINUTE;
    expect(await dateOf()).toBe(time.ms + 1_000);
    service.clock.set({ offsetMs: 2_000, driftMsPerHour: -60_000 });
    expect(await dateOf()).toBe(time.ms + 2_000);
    time.ms += 3 * MINUTE;
    expect(await dateOf()).toBe(time.ms + 2_000 - 3_000);
    service.clock.set({});
    expect(await dateOf()).toBe(time.ms);
  });

  it("judges the age of signatures and tokens by its own clock", async () => {
    const { service, client } = skewed({});
    const se = new Date(NOON + 10 * MINUTE).toISOString();
    const account = service.account("contoso");
    const text = ["contoso", "r", "t", "o", "", se, "", "", "2019-02-02", ""].join("\n");
    const sas = `sv=2019-02-02&ss=t&srt=o&sp=r&se=${encodeURIComponent(se)}&sig=` +
      encodeURIComponent(sign(text, account.keys[0]));
    const statuses = async () => [
      (await client.send("GET", "/Rows()", { sas })).status, (await client.send("GET", "/Rows()")).status,
    ];
    expect(await statuses()).toEqual([200, 200]);
    service.clock.set({ offsetMs: 10 * MINUTE });
    expect(await statuses()).toEqual([403, 200]);
    service.clock.set({ offsetMs: 16 * MINUTE });
    expect(await statuses()).toEqual([403, 403]);
  });

  it("pays budgets by the true time: a clock that jumps refills nothing", async () => {
    const { service, client, time } = skewed({});
    expect((await client.put("Rows", "p", "1", "")).status).toBe(204);
    service.clock.set({ offsetMs: 5 * MINUTE });
    expect((await client.put("Rows", "p", "2", "")).status).toBe(503);
    time.ms += 1_000;
    expect((await client.put("Rows", "p", "2", "")).status).toBe(204);
    service.setBudget({ kind: "rows", accountRowsPerSecond: 1 });
    expect((await client.put("Rows", "p", "3", "")).status).toBe(204);
    service.clock.set({ offsetMs: 10 * MINUTE });
    expect((await client.put("Rows", "p", "4", "")).status).toBe(503);
  });

  it("never stamps two writes alike, nor a later one earlier, even when it is set back", async () => {
    const { service, client, time, stampOf } = skewed({ offsetMs: MINUTE });
    await client.put("Rows", "p", "1", "");
    service.clock.set({ offsetMs: -MINUTE });
    time.ms += 1_000;
    await client.put("Rows", "p", "2", "");
    const ticks = ["1", "2"].map((rowKey) => service.account("contoso").row("Rows", "p", rowKey)?.ticks ?? 0n);
    expect(ticks[1]).toBe((ticks[0] ?? 0n) + 1n);
    expect(stampOf("2")).toBe(NOON + MINUTE);
  });
});
