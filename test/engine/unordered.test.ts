import { unordered } from "./unorderedStore";
import { keyAt, type RunOptions, TABLE, World } from "./world";

describe("a store whose rows come in no order", () => {
  const sides = ["source", "destination"] as const;

  async function worldWith(side: (typeof sides)[number]): Promise<{ world: World; options: RunOptions }> {
    const world = new World();
    await world.seed(30);
    await world.put(world.destination, keyAt(3), { mine: true });
    return { world, options: { [side]: unordered(world[side]) } };
  }

  it.each(sides)("is refused as the %s of a copy and a dry run, by name and side", async (side) => {
    const { world, options } = await worldWith(side);
    const before = await world.rows(world.destination);
    const dry: RunOptions = { ...options, settings: { dryRun: true } };
    for (const attempt of [() => world.copy(options), () => world.copy(dry)]) {
      await expect(attempt()).rejects.toMatchObject({
        code: "UnorderedStore",
        retryable: false,
        message: expect.stringMatching(new RegExp(`The ${side}, memory \\w+, .*Azure Storage account as the ${side}`)),
      });
    }
    expect(await world.rows(world.destination)).toEqual(before);
    expect(await world.destination.listTables()).toEqual([TABLE]);
    expect(world.differences).toEqual([]);
  });

  const levels = ["count", "sample", "none"] as const;
  it.each(levels)("is refused at level %s, too: copying needs matching keys", async (level) => {
    const { world, options } = await worldWith("source");
    await expect(world.copy({ ...options, settings: { level } })).rejects.toMatchObject({ code: "UnorderedStore" });
  });

  it.each(sides)("is an error of the preflight as the %s, which then looks no further", async (side) => {
    const { world, options } = await worldWith(side);
    const outcome = await world.preflight(options);
    expect(outcome).toMatchObject({ ok: false, tablesToCreate: [], findings: [{ code: "UnorderedStore", side }] });
    expect(outcome.findings).toHaveLength(1);
  });

  it("is named on both sides at once", async () => {
    const world = new World();
    const options = { source: unordered(world.source), destination: unordered(world.destination) };
    const { findings } = await world.preflight(options);
    expect(findings.map(({ side }) => side)).toEqual(["source", "destination"]);
  });
});
