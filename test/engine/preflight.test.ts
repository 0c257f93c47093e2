import { OperationalError } from "../../migration/engine/errors";
import type { WriteOperation } from "../../migration/engine/store";
import { hooked, keyAt, TABLE, World } from "./world";

function codes(outcome: { findings: readonly { severity: string; code: string }[] }): string[] {
  return outcome.findings.filter(({ severity }) => severity === "error").map(({ code }) => code);
}

describe("a preflight", () => {
  it("finds a sound migration sound, says what would be created, and writes nothing", async () => {
    const world = new World();
    await world.seed(5);
    const outcome = await world.preflight();
    expect(outcome).toMatchObject({ ok: true, findings: [], tablesToCreate: [TABLE] });
    expect(await world.destination.listTables()).toEqual([]);
  });

  it.each([[1, false], [30, true]])("ends when it is told to, %d reads on", async (reads, estimate) => {
    const world = new World();
    await world.seedInOnePartition(20_000);
    const stop = new AbortController();
    let seen = 0;
    const source = hooked(world.source, {
      before: (method) => {
        if (method !== "readPage") return;
        seen += 1;
        if (seen === reads) stop.abort();
      },
    });
    const depth = estimate ? { rowsMax: 1_000, estimate: { plan: {}, begins: true } } : { rowsMax: 100_000 };
    await expect(world.preflight({ source, signal: stop.signal }, depth)).rejects.toMatchObject({ code: "Stopped" });
    // What was under way side by side may end.
    expect(seen).toBeLessThan(reads + 20);
  });

  it.each([["is there", true], ["is not there yet", false]])(
    "reckons time by what a request takes, not by the first one that signs in: the table %s",
    async (_, isThere) => {
      const secondsOf = async (signInMs: number) => {
        const world = new World();
        await world.seed(50);
        if (isThere) await world.put(world.destination, keyAt(1), { mine: true });
        let signedIn = false;
        const destination = hooked(world.destination, {
          before: () => {
            world.clock.advance(signedIn ? 20 : 20 + signInMs);
            signedIn = true;
          },
        });
        const { estimate } = await world.preflight({ destination }, { estimate: { plan: {}, begins: false } });
        return estimate?.seconds;
      };
      const near = await secondsOf(0);
      expect(near?.high).toBeGreaterThan(0);
      expect(await secondsOf(60_000)).toEqual(near);
    },
  );

  it("probes the rights on an existing table without leaving a row", async () => {
    const world = new World();
    await world.seed(5);
    await world.put(world.destination, keyAt(1), { mine: true });
    const before = await world.rows(world.destination);
    expect(await world.preflight()).toMatchObject({ ok: true, tablesToCreate: [] });
    expect(await world.rows(world.destination)).toEqual(before);
  });

  it.each([
    ["add", "insert"],
    ["update", "replace"],
    ["delete", "delete"],
  ])("names the right to %s entities when it is missing", async (right, kind) => {
    const world = new World();
    await world.seed(5);
    await world.put(world.destination, keyAt(1), { mine: true });
    const destination = hooked(world.destination, {
      before: (method, [, operations]) => {
        if (method !== "write") return;
        if (!(operations as readonly WriteOperation[]).some((one) => one.kind === kind)) return;
        throw new OperationalError({ code: "AuthorizationPermissionMismatch", message: "refused", status: 403 });
      },
    });
    const outcome = await world.preflight({ destination });
    expect(outcome.ok).toBe(false);
    expect(outcome.findings.map(({ message }) => message).join("\n")).toContain(`right to ${right} entities`);
  });

  it("refuses one account on both sides", async () => {
    const world = new World();
    await world.seed(1);
    expect(codes(await world.preflight({ destination: world.source }))).toEqual(["SameAccount"]);
  });

  it("names a source table that is not there, and one whose new name is illegal", async () => {
    const world = new World();
    await world.seed(1);
    expect(codes(await world.preflight({ table: { table: "Absent" } }))).toEqual(["TableNotFound"]);
    expect(codes(await world.preflight({ table: { destinationTable: "1bad" } }))).toEqual(["InvalidTableName"]);
    expect(codes(await world.preflight({ table: { destinationTable: "tables" } }))).toEqual(["InvalidTableName"]);
  });

  it("says that a side cannot be reached, and does not try for long", async () => {
    const world = new World();
    await world.seed(1);
    const source = hooked(world.source, {
      before: () => {
        throw new OperationalError({ code: "Unreachable", message: "connection refused", retryable: true });
      },
    });
    const beforeMs = world.clock.now();
    expect(codes(await world.preflight({ source }))).toEqual(["Unreachable"]);
    expect(world.clock.now() - beforeMs).toBeLessThan(10_000);
  });

  it("finds two properties that a rename would make one, with the row", async () => {
    const world = new World();
    await world.seed(2);
    const outcome = await world.preflight({ table: { renames: new Map([["population", "name"]]) } });
    expect(codes(outcome)).toContain("RenameCollision");
    expect(outcome.findings[0]?.message).toContain("country");
  });

  it("does not say that clocks agree where it measured none", async () => {
    const world = new World();
    await world.seed(1);
    expect((await world.preflight()).clockSkewMs).toEqual({ source: expect.any(Number), destination: undefined });
    await world.put(world.destination, keyAt(1), { mine: true });
    expect((await world.preflight()).clockSkewMs).toEqual({
      source: expect.any(Number), destination: expect.any(Number),
    });
    const same = await world.preflight({ destination: world.source });
    expect(same.clockSkewMs).toEqual({ source: undefined, destination: undefined });
  });

  it("minds clocks: a warning from a minute on, an error from a quarter of an hour on", async () => {
    const world = new World();
    await world.seed(1);
    const skewed = (ms: number) =>
      new Proxy(world.source, {
        get: (target, name) => {
          const value = Reflect.get(target, name);
          if (name !== "readPage") return typeof value === "function" ? value.bind(target) : value;
          return async (...args: Parameters<typeof target.readPage>) => {
            const page = await target.readPage(...args);
            return { ...page, serverTimeMs: page.serverTimeMs - ms };
          };
        },
      });
    const severities = async (ms: number) =>
      (await world.preflight({ source: skewed(ms) })).findings.map(({ severity, code }) => `${severity} ${code}`);
    expect(await severities(30_000)).toEqual([]);
    expect(await severities(120_000)).toEqual(["warning ClockSkew"]);
    expect(await severities(1_000_000)).toEqual(["error ClockSkew"]);
  });
});
