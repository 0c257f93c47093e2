import { nextRound, ROUND_BODIES_BYTES_MAX, ROUND_BYTES_MAX } from "../../migration/engine/bucketRounds";
import { ByteBudget } from "../../migration/engine/byteBudget";
import { BucketSums } from "../../migration/engine/keyBuckets";
import { RoundRows } from "../../migration/engine/roundRows";
import { unordered } from "./unorderedStore";
import { hooked, keyAt, only, World } from "./world";

/** The bounds, a hundredth of what they are: few rows need several rounds then. */
jest.mock("../../migration/engine/bucketRounds", () => ({
  ...jest.requireActual<object>("../../migration/engine/bucketRounds"),
  ROUND_BYTES_MAX: 240 * 1024,
  ROUND_BODIES_BYTES_MAX: 80 * 1024,
}));

describe("rounds of a comparison", () => {
  it("are as many as it takes to look into everything that differs, and hold no more than their bound", async () => {
    const world = new World();
    const ROWS = 1_000;
    await world.seedInOnePartition(ROWS);
    await world.copy();
    for (let at = 0; at < ROWS; at += 1) {
      await world.put(world.destination, { partitionKey: "p", rowKey: String(at).padStart(6, "0") }, { n: -1 });
    }
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
    expect(rounds).toBe(Math.ceil((2 * ROWS * (600 + 2 * "p000000".length)) / ROUND_BYTES_MAX));
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
    const wide = (at: number, more: object) => ({ n: at, text: "x".repeat(3_000), ...more });
    for (let at = 0; at < 60; at += 1) {
      await world.put(world.source, keyAt(at), wide(at, {}));
      await world.put(world.destination, keyAt(at), wide(at, { more: true }));
    }
    let pointReads = 0;
    const counting = hooked(unordered(world.destination), { before: (method) => {
      if (method === "readRow") pointReads += 1;
    } });
    const table = only(await world.verify({ destination: counting }));
    expect(table).toMatchObject({ different: 60 });
    expect(world.differences.every(({ properties }) => properties.length === 1)).toBe(true);
    const fitting = Math.floor(ROUND_BODIES_BYTES_MAX / (2 * 3_100));
    expect(pointReads).toBeGreaterThan(0);
    expect(pointReads).toBeLessThan(60 - 0.8 * fitting);
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
