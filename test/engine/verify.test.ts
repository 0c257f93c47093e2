import { OperationalError } from "../../migration/engine/errors";
import type { Page } from "../../migration/engine/store";
import type { Store } from "../../migration/engine/store";
import { hooked, keyAt, only, TABLE, World } from "./world";

async function copied(count: number): Promise<World> {
  const world = new World();
  await world.seed(count);
  await world.copy();
  return world;
}

/** A store whose pages are changed on their way. */
function withPages(store: Store, change: (page: Page) => Page): Store {
  return new Proxy(store, {
    get: (target, name) => {
      if (name === "readPage") {
        return async (...all: Parameters<Store["readPage"]>) => change(await target.readPage(...all));
      }
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

describe("a full verification", () => {
  it("names missing, extra and different rows in both directions, with the differing properties", async () => {
    const world = await copied(20);
    await world.remove(world.destination, keyAt(3));
    await world.put(world.destination, keyAt(70), { population: 1 });
    await world.put(world.destination, keyAt(5), { population: 5.5, name: "city 5", more: true });
    const table = only(await world.verify());
    expect(table).toMatchObject({ verdict: "different", missing: 1, extra: 1, different: 1, conflicts: 0 });
    expect(table.source.digest).not.toBe(table.destination.digest);
    const found = new Map(table.samples.map((sample) => [sample.class, sample]));
    expect(found.get("missing")).toMatchObject(keyAt(3));
    expect(found.get("extra")).toMatchObject(keyAt(70));
    expect(found.get("different")).toMatchObject(keyAt(5));
    expect(found.get("different")?.properties.map(({ name }) => name)).toEqual(["more", "population"]);
    expect(world.differences).toHaveLength(3);
  });

  it("writes nothing and takes no lease", async () => {
    const world = await copied(3);
    const refuse = (method: keyof Store) => {
      if (method === "write" || method === "createTable") throw new Error(`a verification called ${method}`);
    };
    const outcome = await world.verify({ destination: hooked(world.destination, { before: refuse }) });
    expect(outcome).toMatchObject({ verdict: "equal", began: false });
  });

  it("calls a destination table that is not there different, with every row missing", async () => {
    const world = new World();
    await world.seed(4);
    expect(only(await world.verify())).toMatchObject({ verdict: "different", missing: 4 });
  });

  it("says nothing of a side that it could not read to the end", async () => {
    const world = await copied(4);
    const source = hooked(world.source, {
      before: (method) => {
        if (method === "readPage") throw new OperationalError({ code: "AuthorizationFailure", message: "expired" });
      },
    });
    const outcome = await world.verify({ source });
    expect(outcome.verdict).toBe("incomplete");
    expect(only(outcome)).toMatchObject({ verdict: "incomplete", error: { code: "AuthorizationFailure" } });
  });

  it("concludes nothing from rows that come out of order", async () => {
    const world = await copied(9);
    const source = withPages(world.source, (page) => ({ ...page, rows: [...page.rows].reverse() }));
    const table = only(await world.verify({ source }));
    expect(table).toMatchObject({ verdict: "incomplete", error: { code: "OutOfOrder" } });
  });

  it("counts a row once, however often the service repeats it", async () => {
    const world = await copied(3);
    const source = withPages(world.source, (page) => ({ ...page, rows: page.rows.flatMap((row) => [row, row]) }));
    expect(only(await world.verify({ source }))).toMatchObject({ error: { code: "OutOfOrder" } });
  });

  it("follows pages that are empty", async () => {
    const world = await copied(9);
    let page = 0;
    const source = new Proxy(world.source, {
      get: (target, name) => {
        const value = Reflect.get(target, name);
        if (name !== "readPage") return typeof value === "function" ? value.bind(target) : value;
        return async (table: string, request: Parameters<Store["readPage"]>[1]): Promise<Page> => {
          page += 1;
          const rest = request.continuation?.["empty"] === "yes" ? { ...request, continuation: undefined } : request;
          const plain = request.continuation?.["empty"] === "yes" || request.continuation === undefined;
          if (plain && page % 2 === 1) return { rows: [], serverTimeMs: world.clock.now(), next: { empty: "yes" } };
          return target.readPage(table, rest as Parameters<Store["readPage"]>[1]);
        };
      },
    });
    expect(only(await world.verify({ source }))).toMatchObject({ verdict: "equal", source: { count: 9 } });
    expect(page).toBeGreaterThan(1);
  });
});

describe("a source that is written while it is verified", () => {
  it("is in flight where the change is met, even if the row is equal, and never called equal", async () => {
    const world = await copied(9);
    let changed = false;
    const source = hooked(world.source, {
      before: async (method, [table, request]) => {
        const rowsMax = (request as { rowsMax?: number }).rowsMax;
        if (method !== "readPage" || table !== TABLE || rowsMax === 1 || changed) return;
        changed = true;
        await world.put(world.source, keyAt(8), { population: 8, name: "city 8" });
      },
    });
    const outcome = await world.verify({ source });
    expect(outcome.verdict).toBe("incomplete");
    expect(only(outcome)).toMatchObject({ verdict: "inFlight", inFlight: 1, different: 0 });
    expect(world.differences).toMatchObject([{ class: "inFlight", ...keyAt(8) }]);
  });

  it("is in flight where the change comes behind the comparison's back", async () => {
    const world = await copied(9);
    let scans = 0;
    const source = hooked(world.source, {
      after: async (method, [, request]) => {
        const { rowsMax, changedSince } = request as { rowsMax?: number; changedSince?: string };
        if (method !== "readPage" || rowsMax === 1 || changedSince) return;
        scans += 1;
        await world.put(world.source, keyAt(0), { population: -1 });
      },
    });
    expect(only(await world.verify({ source }))).toMatchObject({ verdict: "inFlight", inFlight: 1 });
    expect(scans).toBe(1);
  });

  it("is in flight where somebody changes the destination behind the comparison's back", async () => {
    const world = await copied(9);
    const destination = hooked(world.destination, {
      after: async (method, [, request]) => {
        if (method !== "readPage") return;
        const { rowsMax, changedSince } = request as { rowsMax?: number; changedSince?: string };
        if (rowsMax === 1 || changedSince) return;
        await world.put(world.destination, keyAt(0), { population: -1 });
      },
    });
    const outcome = await world.verify({ destination });
    expect(outcome.verdict).toBe("incomplete");
    expect(only(outcome)).toMatchObject({ verdict: "inFlight", inFlight: 1 });
  });

  it("is equal again once it is quiet", async () => {
    const world = await copied(9);
    await world.put(world.source, keyAt(8), { population: 8, name: "city 8" });
    expect((await world.verify()).verdict).toBe("equal");
  });
});

describe("the cheaper levels", () => {
  it("count: sees a missing row, reads no value, and gives no digest", async () => {
    const world = await copied(9);
    const keysOnly: unknown[] = [];
    const destination = hooked(world.destination, {
      before: (method, [, request]) => {
        if (method === "readPage") keysOnly.push((request as { keysOnly?: boolean }).keysOnly);
      },
    });
    const counted = await world.verify({ destination, settings: { level: "count" } });
    expect(counted).toMatchObject({ verdict: "equal", level: "count" });
    expect(only(counted).source).toEqual({ count: 9 });
    expect(new Set(keysOnly)).toEqual(new Set([true]));
    await world.remove(world.destination, keyAt(3));
    const short = only(await world.verify({ settings: { level: "count" } }));
    expect(short).toMatchObject({ verdict: "different", missing: 1 });
  });

  it("sample: compares the values of exactly the rows it says, the same ones for the same seed", async () => {
    const world = await copied(60);
    for (let at = 0; at < 60; at += 2) await world.put(world.destination, keyAt(at), { population: -at - 1 });
    const sample = (seed: number) => world.verify({ settings: { level: "sample", sampleRows: 10, seed } });
    const keysOf = async (seed: number) => only(await sample(seed)).samples.map(({ rowKey }) => rowKey).sort();
    const table = only(await sample(3));
    expect(table).toMatchObject({ sampled: 10, verdict: "different" });
    expect(table.different).toBeGreaterThan(0);
    expect(table.different).toBeLessThanOrEqual(10);
    expect(await keysOf(3)).toEqual(await keysOf(3));
    expect(await keysOf(3)).not.toEqual(await keysOf(4));
  });
});
