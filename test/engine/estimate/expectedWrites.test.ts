import { preflight } from "../../../migration/engine";
import type { TableEstimate } from "../../../migration/engine/estimate/estimate";
import type { Counted } from "../../../migration/engine/estimate/expectedWrites";
import { OperationalError } from "../../../migration/engine/errors";
import { keyAt, type RunOptions, TABLE, World } from "../world";

const ROWS = 30;

async function copied(): Promise<World> {
  const world = new World();
  await world.seed(ROWS);
  await world.copy();
  return world;
}

async function estimateOf(world: World, options: RunOptions = {}, counted?: Counted, rowsMax = 1_000) {
  const reckoning = { plan: {}, begins: false, counted: Promise.resolve(counted) };
  const settings = { ...world.settings(options), dryRun: true };
  const outcome = await preflight(world.context(options), settings, { rowsMax, estimate: reckoning });
  const { estimate } = outcome;
  if (estimate === undefined) throw new Error(JSON.stringify(outcome.findings));
  return { ...estimate, table: estimate.tables[0] as TableEstimate };
}

describe("what is expected to be written", () => {
  it("is, by the journal, what the source has beyond the last complete pass; and that is an assumption", async () => {
    const world = await copied();
    await world.put(world.source, keyAt(ROWS), { population: 1 });
    await world.put(world.source, keyAt(ROWS + 1), { population: 1 });
    const { table, destination } = await estimateOf(world);
    expect(table.writes).toEqual({ rows: { low: 2, high: 2 }, basis: "assumed" });
    // Nobody knows that it is one batch, and nobody takes it for thirty rows.
    expect(destination.requests.batch.high).toBeLessThan(20);
  });

  it("is what a dry run counted to its end, which knows of changed rows, too", async () => {
    const world = await copied();
    await world.put(world.source, keyAt(3), { population: 77 });
    const counted = new Map([[TABLE, { written: 1, deleted: 4 }]]);
    const { table, destination } = await estimateOf(world, {}, counted);
    expect(table.writes).toEqual({ rows: { low: 1, high: 1 }, basis: "counted" });
    expect(destination.requests.delete.high).toBeGreaterThanOrEqual(4);
  });

  it("is all of it in a table that is still to be made, whatever the journal says of an earlier one", async () => {
    const world = await copied();
    const { table } = await estimateOf(world, { table: { destinationTable: "Towns" } });
    expect(table).not.toHaveProperty("writes");
  });

  it("is not said by a journal whose last pass mapped rows in another way, or never ended", async () => {
    const world = await copied();
    const { table } = await estimateOf(world, { table: { renames: new Map([["population", "people"]]) } });
    expect(table).not.toHaveProperty("writes");
    const stopped = new World();
    await stopped.seed(ROWS);
    await stopped.destination.createTable(TABLE);
    expect((await estimateOf(stopped)).table).not.toHaveProperty("writes");
  });

  it("is reckoned without a journal that cannot be read", async () => {
    const world = await copied();
    const context = world.context();
    const unreadable = new OperationalError({ code: "JournalUnreadable", message: "It cannot be read." });
    const journal = { ...context.journal, readTable: () => Promise.reject(unreadable) };
    const depth = { rowsMax: 1_000, estimate: { plan: {}, begins: false } };
    const outcome = await preflight({ ...context, journal }, { ...world.settings(), dryRun: true }, depth);
    expect(outcome.estimate?.tables[0]).not.toHaveProperty("writes");
  });

  it("tells by an earlier count how large a source is that cannot be looked at in parts", async () => {
    World.unorderedSource = true;
    try {
      const world = new World();
      await world.seedInOnePartition(2_500);
      await world.copy();
      const { table } = await estimateOf(world, {}, undefined, 1_000);
      expect(table.exact).toBe(false);
      expect(table.entities.low).toBeGreaterThan(1_000);
      expect(table.entities.low).toBeLessThanOrEqual(2_500);
      expect(table.entities.high).toBeGreaterThanOrEqual(2_500);
      expect(table.writes?.rows.low).toBe(0);
    } finally {
      World.unorderedSource = false;
    }
  });
});
