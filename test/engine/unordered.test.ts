import { unordered } from "./unorderedStore";
import { keyAt, TABLE, World } from "./world";

describe("a source whose rows come in no order", () => {
  async function worldWith(): Promise<World> {
    const world = new World();
    await world.seed(30);
    await world.put(world.destination, keyAt(3), { mine: true });
    return world;
  }

  it("is refused by a copy and a dry run, by name and side, and nothing is written", async () => {
    const world = await worldWith();
    const source = unordered(world.source);
    const before = await world.rows(world.destination);
    for (const settings of [{}, { dryRun: true }, { level: "none" as const }]) {
      await expect(world.copy({ source, settings })).rejects.toMatchObject({
        code: "UnorderedStore",
        retryable: false,
        message: expect.stringMatching(/The source, memory \w+, .*Azure Storage account as the source/),
      });
    }
    expect(await world.rows(world.destination)).toEqual(before);
    expect(await world.destination.listTables()).toEqual([TABLE]);
    expect(world.differences).toEqual([]);
  });

  it("is an error of the preflight, which then looks no further", async () => {
    const world = await worldWith();
    const outcome = await world.preflight({ source: unordered(world.source) });
    expect(outcome).toMatchObject({ ok: false, tablesToCreate: [] });
    expect(outcome.findings).toMatchObject([{ code: "UnorderedStore", side: "source" }]);
  });

  it("is nothing that a preflight minds of a destination", async () => {
    const world = await worldWith();
    expect(await world.preflight({ destination: unordered(world.destination) })).toMatchObject({ ok: true });
  });
});
