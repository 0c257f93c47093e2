import { OperationalError } from "../../migration/engine/errors";
import { nextRound, ROUND_BODIES_BYTES_MAX, ROUND_BYTES_MAX } from "../../migration/engine/bucketRounds";
import { ByteBudget } from "../../migration/engine/byteBudget";
import { BucketSums } from "../../migration/engine/keyBuckets";
import { RoundRows } from "../../migration/engine/roundRows";
import type { RunOutcome } from "../../migration/engine/outcome";
import type { Store } from "../../migration/engine/store";
import { unordered } from "./unorderedStore";
import { hooked, keyAt, only, type Properties, type RunOptions, TABLE, World } from "./world";

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
  const facts = { ...only(outcome), durationMs: 0, entitiesPerSecond: 0, samples: [] };
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

describe("rounds of a comparison", () => {
  /** Far longer than services take: few of them fill a round. */
  const KEY_CHARS = 20_000;
  const longKey = (at: number) => ({ partitionKey: "", rowKey: String(at).padStart(5, "0").padEnd(KEY_CHARS, "r") });

  async function fill(store: Store, count: number, properties: (at: number) => Properties): Promise<void> {
    await store.createTable(TABLE);
    for (let at = 0; at < count; at += 20) {
      const outcome = await store.write(TABLE, Array.from({ length: 20 }, (_, index) => {
        const key = longKey(at + index);
        const entity = { PartitionKey: key.partitionKey, RowKey: key.rowKey, ...properties(at + index) };
        return { kind: "insert" as const, key, body: Buffer.from(JSON.stringify(entity)) };
      }));
      expect(outcome).toMatchObject({ committed: true });
    }
  }

  it("are as many as it takes to look into everything that differs, and hold no more than their bound", async () => {
    const world = new World();
    const ROWS = 1_000;
    await fill(world.source, ROWS, (at) => ({ n: at }));
    await fill(world.destination, ROWS, (at) => ({ n: at + 1 }));
    world.clock.advance(5_000);
    let held = 0;
    let rounds = 0;
    const take = ByteBudget.prototype.take;
    const spy = jest.spyOn(ByteBudget.prototype, "take").mockImplementation(async function (this: ByteBudget, bytes) {
      await take.call(this, bytes);
      rounds += 1;
      held = Math.max(held, this.inUse);
    });
    const table = only(await world.verify({ destination: unordered(world.destination) }));
    spy.mockRestore();
    expect(table).toMatchObject({ different: ROWS, missing: 0, extra: 0, source: { count: ROWS } });
    expect(new Set(world.differences.map(({ rowKey }) => rowKey)).size).toBe(ROWS);
    expect(rounds).toBe(Math.ceil((2 * ROWS * (2 * KEY_CHARS + 600)) / ROUND_BYTES_MAX));
    expect(rounds).toBeGreaterThan(2);
    expect(held).toBeLessThanOrEqual(ROUND_BYTES_MAX);
    expect(held).toBeGreaterThan(0.9 * ROUND_BYTES_MAX);
  });

  it("find the few rows that differ among many", async () => {
    const world = new World();
    await world.seedInOnePartition(10_000);
    await world.copy();
    const touched = [17, 4_711, 9_999].map((at) => ({ partitionKey: "p", rowKey: String(at).padStart(6, "0") }));
    for (const key of touched) await world.put(world.source, key, { n: -1 });
    let pages = 0;
    const source = hooked(world.source, { before: (method) => {
      if (method === "readPage") pages += 1;
    } });
    const table = only(await world.verify({ source, destination: unordered(world.destination) }));
    expect(table).toMatchObject({ different: 3, missing: 0, extra: 0, source: { count: 10_000 } });
    expect(world.differences.map(({ rowKey }) => rowKey).sort()).toEqual(touched.map(({ rowKey }) => rowKey));
    // The clock, two looks, and the question for late changes.
    expect(pages).toBe(1 + 2 * 10 + 1);
  });

  it("look into one bucket that is larger than a round, rather than into none", () => {
    const sums = new BucketSums();
    for (const bucket of [4, 4, 5, 6]) sums.add(bucket, { high: 1, low: 1 }, { partitionKey: "", rowKey: "" }, 1n);
    const open = [6, 5, 4];
    const rounds = [];
    while (open.length > 0) rounds.push(nextRound(open, [sums], 1_200).buckets);
    expect(rounds).toEqual([[4], [5, 6]]);
    open.push(6, 5, 4);
    expect(nextRound(open, [sums], 1).buckets).toEqual([4]);
  });

  it("read a row on both sides once more where its body found no room beside the others", async () => {
    const world = new World();
    const wide = (at: number, more: object) => ({ n: at, text: "x".repeat(30_000), ...more });
    for (let at = 0; at < 200; at += 1) {
      await world.put(world.source, keyAt(at), wide(at, {}));
      await world.put(world.destination, keyAt(at), wide(at, { more: true }));
    }
    let pointReads = 0;
    const counting = hooked(unordered(world.destination), { before: (method) => {
      if (method === "readRow") pointReads += 1;
    } });
    const table = only(await world.verify({ destination: counting }));
    expect(table).toMatchObject({ different: 200 });
    expect(world.differences.every(({ properties }) => properties.length === 1)).toBe(true);
    const fitting = Math.floor(ROUND_BODIES_BYTES_MAX / (2 * 30_100));
    expect(pointReads).toBeGreaterThan(0);
    expect(pointReads).toBeLessThan(200 - 0.8 * fitting);
  });

  it("keep copies of bodies up to their bound, and none of rows that are equal", () => {
    const row = (rowKey: string, digest: bigint) => ({
      partitionKey: "p", rowKey, digest, body: Buffer.alloc(100, 1), modified: "", version: "",
    });
    const round = new RoundRows(250);
    round.add("source", row("a", 1n));
    round.add("source", row("b", 2n));
    expect(round.bytesOfBodies).toBe(200);
    round.add("destination", row("a", 1n));
    expect(round.bytesOfBodies).toBe(100);
    round.add("source", row("c", 3n));
    round.add("source", row("d", 4n));
    expect(round.bytesOfBodies).toBe(200);
    round.add("destination", row("c", 5n));
    expect(round.bytesOfBodies).toBe(100);
    round.add("source", row("b", 6n));
    expect(round.bytesOfBodies).toBe(100);
    const bodies = [...round.pairs].map(({ hasBodies }) => hasBodies);
    expect(bodies).toEqual([false, true, false, false]);
  });
});
