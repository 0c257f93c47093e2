import type { RunContext } from "../../migration/engine";
import { OperationalError } from "../../migration/engine/errors";
import { type Journal, type Lease, LEASE_TERM_MS } from "../../migration/engine/journal";
import { Leases } from "../../migration/engine/leases";
import { newRun } from "../../migration/engine/run";
import { World } from "./world";

/** Leases of two tables, each of which renews as it is told. */
function leasesOf(renew: Readonly<Record<string, () => Promise<void>>>, journal: Partial<Journal> = {}) {
  const world = new World();
  const end = new AbortController();
  const lease = (destinationTable: string): Lease => ({
    destinationTable,
    askedAtMs: world.clock.now(),
    renew: renew[destinationTable] ?? (async () => undefined),
    release: async () => undefined,
  });
  const port = {
    leaseTermMs: LEASE_TERM_MS,
    acquireLease: async (table: string) => lease(table),
    stopRequested: async () => false,
    ...journal,
  } as Journal;
  const context: RunContext = { ...world.context(), journal: port };
  const run = newRun(context, world.settings(), end.signal);
  const leases = new Leases(run, end);
  return { leases, end, clock: world.clock, gate: run.writing.gate };
}

const timedOut = () => new OperationalError({ code: "TimedOut", message: "No answer in time.", retryable: true });

describe("the leases of a run", () => {
  it("are renewed each by itself: one renewal that hangs does not cost the others", async () => {
    let renewed = 0;
    let hanging = 0;
    const { leases, clock } = leasesOf({
      Slow: () => {
        hanging += 1;
        return clock.sleep(2 * LEASE_TERM_MS);
      },
      Steady: async () => void (renewed += 1),
    });
    await leases.acquire(["Slow", "Steady"]);
    await clock.sleep(2 * LEASE_TERM_MS);
    expect(hanging).toBe(1);
    expect(renewed).toBeGreaterThanOrEqual(5);
    await leases.release();
  });

  it("have one renewal under way at a time, though one of the others fails", async () => {
    let underWay = 0;
    let most = 0;
    const { leases, clock } = leasesOf({
      Failing: async () => {
        await clock.sleep(100);
        throw timedOut();
      },
      Slow: async () => {
        underWay += 1;
        most = Math.max(most, underWay);
        await clock.sleep(LEASE_TERM_MS / 2);
        underWay -= 1;
      },
    });
    await leases.acquire(["Failing", "Slow"]);
    await clock.sleep(LEASE_TERM_MS);
    expect(most).toBe(1);
    await leases.release();
  });

  it("are kept from the moment they are taken, while the run waits for another one", async () => {
    let renewed = 0;
    const { leases, clock } = leasesOf({ First: async () => void (renewed += 1) }, {
      acquireLease: async (table) => {
        if (table === "Second") await clock.sleep(LEASE_TERM_MS + 1_000);
        return {
          destinationTable: table,
          askedAtMs: clock.now(),
          renew: async () => void (renewed += table === "First" ? 1 : 0),
          release: async () => undefined,
        };
      },
    });
    await leases.acquire(["First", "Second"]);
    expect(renewed).toBeGreaterThanOrEqual(2);
    await leases.release();
  });

  it("end the run when one was not renewed within its term", async () => {
    const { leases, end, clock } = leasesOf({
      Failing: async () => {
        throw timedOut();
      },
    });
    await leases.acquire(["Failing"]);
    await clock.sleep(LEASE_TERM_MS - 1_000);
    expect(end.signal.aborted).toBe(false);
    await clock.sleep(3_000);
    expect(end.signal.reason).toMatchObject({ code: "TimedOut" });
    await leases.release();
  });

  it("let a machine that was suspended send nothing before it knows that it still holds them", async () => {
    let renewed = 0;
    const { leases, clock, gate } = leasesOf({ One: async () => void (renewed += 1) });
    await leases.acquire(["One"]);
    expect(await gate.run(async () => renewed)).toBe(0);
    clock.advance(LEASE_TERM_MS);
    expect(await gate.run(async () => renewed)).toBe(1);
    expect(await gate.run(async () => renewed)).toBe(1);
    await leases.release();
  });

  it("end a run that slept while another one took them, before it sends anything more", async () => {
    const lost = new OperationalError({ code: "LeaseLost", message: "Another run took it." });
    const { leases, end, clock, gate } = leasesOf({ Two: () => Promise.reject(lost) });
    await leases.acquire(["One", "Two"]);
    clock.advance(LEASE_TERM_MS + 1);
    let sent = 0;
    const send = async () => void (sent += 1);
    await expect(Promise.all([gate.run(send), gate.run(send)])).rejects.toBe(lost);
    expect(sent).toBe(0);
    expect(end.signal.reason).toBe(lost);
    await leases.release();
  });

  it("count from when they were asked for: who sleeps while the answer is under way may have lost them", async () => {
    let renewed = 0;
    const { leases, clock, gate } = leasesOf({}, {
      acquireLease: async (destinationTable) => {
        const askedAtMs = clock.now();
        clock.advance(2 * LEASE_TERM_MS);
        return { destinationTable, askedAtMs, renew: async () => void (renewed += 1), release: async () => undefined };
      },
    });
    await leases.acquire(["One"]);
    expect(await gate.run(async () => renewed)).toBe(1);
    await leases.release();
  });
});
