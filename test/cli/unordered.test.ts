import { COSMOS } from "../simulated";
import { cities, type Side, World } from "./world";

describe("Cosmos DB for Table on a side of a move", () => {
  let world: World;

  beforeEach(async () => {
    world = await World.start({ profile: COSMOS });
    await world.put("source", "Cities", cities(20));
  });

  afterEach(() => world.stop());

  /** Both services are Cosmos; who is said to be one is the side under test. */
  const env = (side: Side) => ({
    ...world.env,
    [side === "source" ? "LANDBRIDGE_SOURCE" : "LANDBRIDGE_DESTINATION"]: `${world.connection(side)};Dialect=cosmos`,
  });

  /** Runs `inspect` over a source that is Cosmos and a destination that is what is said. */
  async function fromCosmos(
    destination: "Storage" | "Cosmos",
    inspect: (to: World, mixed: Readonly<Record<string, string>>) => Promise<void>,
  ): Promise<void> {
    const to = destination === "Storage" ? await World.start() : world;
    const dialect = destination === "Storage" ? "" : ";Dialect=cosmos";
    try {
      await inspect(to, {
        LANDBRIDGE_SOURCE: `${world.connection("source")};Dialect=cosmos`,
        LANDBRIDGE_DESTINATION: `${to.connection("destination")}${dialect}`,
      });
    } finally {
      if (to !== world) await to.stop();
    }
  }

  it.each(["Storage", "Cosmos"] as const)("as the source, is copied to %s, and again what changed", async (kind) => {
    await fromCosmos(kind, async (to, mixed) => {
      await world.put("source", "Cities", cities(1_200));
      expect(await world.cli(["preflight", "--all"], { env: mixed })).toMatchObject({ exitCode: 0 });
      const copy = (...more: readonly string[]) =>
        world.cli(["copy", "--all", "--deletes", "propagate", ...more], { env: mixed });
      const planned = await copy("--dry-run");
      expect(planned.stdout).toMatch(/1[,.]?200/);
      expect(to.dataWrites).toBe(0);
      expect(await copy()).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/equal/i) });
      await world.put("source", "Cities", cities(5).slice(3).map((one) => ({ ...one, population: 7 })));
      const [gone] = cities(1);
      await world.delete("source", "Cities", String(gone?.PartitionKey), String(gone?.RowKey));
      const writes = to.dataWrites;
      expect(await copy()).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/equal/i) });
      expect(to.dataWrites).toBeGreaterThan(writes);
      expect(await world.cli(["verify", "--all"], { env: mixed })).toMatchObject({ exitCode: 0 });
    });
  }, 60_000);

  it.each(["source", "destination"] as const)("as the %s, is verified all the same, by buckets", async (side) => {
    const different = await world.cli(["verify", "--all"], { env: env(side) });
    expect(different).toMatchObject({ exitCode: 1 });
    await world.put("destination", "Cities", cities(20));
    const equal = await world.cli(["verify", "--all"], { env: env(side) });
    expect(equal).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/equal/i) });
  });

  it("as the destination, is copied to, and later passes write what changed and delete what is gone", async () => {
    const sourceIsStorage = await World.start();
    try {
      await sourceIsStorage.put("source", "Cities", cities(1_500));
      const mixed = {
        LANDBRIDGE_SOURCE: sourceIsStorage.connection("source"),
        LANDBRIDGE_DESTINATION: `${world.connection("destination")};Dialect=cosmos`,
      };
      const copy = () => world.cli(["copy", "--all", "--deletes", "propagate"], { env: mixed });
      expect(await copy()).toMatchObject({ exitCode: 0 });
      const changed = cities(5).slice(3).map((one) => ({ ...one, population: 7 }));
      await sourceIsStorage.put("source", "Cities", changed);
      expect(await copy()).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/equal/i) });
      expect(await world.cli(["verify", "--all"], { env: mixed })).toMatchObject({ exitCode: 0 });
    } finally {
      await sourceIsStorage.stop();
    }
  }, 60_000);

  it("is refused where nobody says what it is, too: its rows are seen to be out of order", async () => {
    const result = await world.cli(["copy", "--all"]);
    expect(result.exitCode).not.toBe(0);
    expect(result.stdout + result.stderr).not.toMatch(/\bequal\b.*Cities|Cities.*\bequal\b/);
    expect(result.stdout + result.stderr).toContain("OutOfOrder");
  });
});
