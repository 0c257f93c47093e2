import { OperationalError } from "../../migration/engine/errors";
import type { RunOutcome } from "../../migration/engine/outcome";
import type { Store } from "../../migration/engine/store";
import { unordered } from "./unorderedStore";
import { hooked, keyAt, only, type RunOptions, TABLE, World } from "./world";

type Shape = "source" | "destination" | "both";
const SHAPES: readonly Shape[] = ["source", "destination", "both"];

function sidesOf(world: World, shape: Shape): Pick<RunOptions, "source" | "destination"> {
  return {
    ...(shape === "destination" ? {} : { source: unordered(world.source) }),
    ...(shape === "source" ? {} : { destination: unordered(world.destination) }),
  };
}

async function copied(count: number): Promise<World> {
  const world = new World();
  await world.seed(count);
  await world.copy();
  world.differences.splice(0);
  return world;
}

/** What a report says that does not depend on the order in which rows were met. */
function told(world: World, outcome: RunOutcome): unknown {
  const table = only(outcome);
  const facts = { ...table, durationMs: 0, entitiesPerSecond: 0, samples: [] };
  const differences = world.differences.splice(0).map((one) => JSON.stringify(one)).sort();
  return { facts, differences, verdict: outcome.verdict };
}

describe.each(SHAPES)("a verification where %s comes in no order", (shape) => {
  it("names every kind of difference, exactly as a comparison in order does", async () => {
    const world = await copied(300);
    await world.remove(world.destination, keyAt(3));
    await world.put(world.destination, keyAt(700), { population: 1 });
    await world.put(world.destination, keyAt(5), { population: 5.5, name: "city 5", more: true });
    await world.put(world.source, keyAt(6), { population: "6", name: "city 6" });
    for (const level of ["full", "count"] as const) {
      const inOrder = told(world, await world.verify({ settings: { level } }));
      const inNone = told(world, await world.verify({ ...sidesOf(world, shape), settings: { level } }));
      expect(inNone).toEqual(inOrder);
    }
  });

  it("calls equal tables equal, with the digests of a comparison in order, after one look at each side", async () => {
    const world = await copied(2_500);
    const inOrder = only(await world.verify());
    let pages = 0;
    const counted = (store: Store) => hooked(store, {
      before: (method) => {
        if (method === "readPage") pages += 1;
      },
    });
    const { source = world.source, destination = world.destination } = sidesOf(world, shape);
    const inNone = only(await world.verify({ source: counted(source), destination: counted(destination) }));
    expect(inNone).toMatchObject({ verdict: "equal", source: inOrder.source, destination: inOrder.destination });
    // One for each server's clock, three of rows for each side, and a question for late changes where it is answered.
    expect(pages).toBe(2 + 6 + (shape === "both" ? 0 : 1));
  });

  it("sees through renames, and takes more properties for equal where rows are merged", async () => {
    const world = await copied(40);
    const table = { renames: new Map([["name", "title"]]) };
    for (let at = 0; at < 40; at += 1) {
      await world.put(world.destination, keyAt(at), { population: at, title: `city ${at}`, own: at });
    }
    const sides = sidesOf(world, shape);
    expect(only(await world.verify({ ...sides, table: { ...table, mode: "merge" } }))).toMatchObject({
      verdict: "equal", different: 0, source: { count: 40 },
    });
    await world.put(world.destination, keyAt(7), { population: 8, title: "city 7", own: 7 });
    const merged = only(await world.verify({ ...sides, table: { ...table, mode: "merge" } }));
    expect(merged).toMatchObject({ verdict: "different", different: 1 });
    expect(merged.samples[0]?.properties.map(({ name }) => name)).toEqual(["population"]);
    expect(only(await world.verify({ ...sides, table }))).toMatchObject({ verdict: "different", different: 40 });
  });

  it("calls rows that are written while it compares in flight, once each, and never equal", async () => {
    const world = await copied(50);
    let pages = 0;
    const source = hooked(sidesOf(world, shape).source ?? world.source, {
      before: async (method, [table]) => {
        if (method !== "readPage" || table !== TABLE) return;
        pages += 1;
        // The first page tells the server's clock, the second is the first of the comparison.
        if (pages === 2) await world.put(world.source, keyAt(9), { population: -9 });
      },
    });
    const outcome = await world.verify({ ...sidesOf(world, shape), source });
    expect(only(outcome)).toMatchObject({ verdict: "inFlight", missing: 0, extra: 0, different: 0, inFlight: 1 });
    expect(only(outcome).samples.map(({ rowKey }) => rowKey)).toEqual(["00009"]);
    expect(outcome.verdict).toBe("incomplete");
  });

  it("finds what was written between its first look and the second, and says it as it is then", async () => {
    const world = await copied(50);
    await world.put(world.source, keyAt(1), { population: -1 });
    let pages = 0;
    const source = hooked(sidesOf(world, shape).source ?? world.source, {
      before: async (method, [table]) => {
        if (method === "readPage" && table === TABLE && (pages += 1) === 3) {
          await world.put(world.source, keyAt(1), { population: 1, name: "city 1" });
        }
      },
    });
    const table = only(await world.verify({ ...sidesOf(world, shape), source }));
    expect(table).toMatchObject({ verdict: "inFlight", different: 0, inFlight: 1 });
    expect(table.source.digest).toBe(table.destination.digest);
  });

  it("says nothing of a side that it could not read to the end, and lets go of the other", async () => {
    const world = await copied(2_100);
    const { source = world.source, destination = world.destination } = sidesOf(world, shape);
    let pages = 0;
    const broken = hooked(destination, {
      before: (method) => {
        if (method === "readPage" && (pages += 1) === 3) {
          throw new OperationalError({ code: "AuthorizationFailure", message: "expired" });
        }
      },
    });
    const outcome = await world.verify({ source, destination: broken });
    expect(outcome.verdict).toBe("incomplete");
    expect(only(outcome)).toMatchObject({ verdict: "incomplete", error: { code: "AuthorizationFailure" } });
  });

  it("compares the same sample whatever the order, without rows that one side lacks", async () => {
    const world = await copied(200);
    for (let at = 0; at < 20; at += 1) await world.remove(world.destination, keyAt(at));
    for (let at = 100; at < 150; at += 1) await world.put(world.destination, keyAt(at), { population: -1 });
    const settings = { level: "sample", sampleRows: 30 } as const;
    const inOrder = told(world, await world.verify({ settings }));
    const inNone = told(world, await world.verify({ ...sidesOf(world, shape), settings }));
    expect(inNone).toEqual(inOrder);
    expect(inNone).toMatchObject({ facts: { sampled: 30, missing: 20 } });
  });

  it("calls a destination table that is not there different, with every row missing", async () => {
    const world = new World();
    await world.seed(4);
    expect(only(await world.verify(sidesOf(world, shape)))).toMatchObject({ verdict: "different", missing: 4 });
  });
});
