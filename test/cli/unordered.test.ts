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

  const refusing = ["preflight", "copy"];
  it.each(refusing)("as the source, is refused by %s with a reason, and nothing is written", async (command) => {
    const before = world.writes;
    const result = await world.cli([command, "--all"], { env: env("source") });
    expect(result.exitCode).toBe(2);
    expect(result.stderr + result.stdout).toMatch(
      /The source, account .*hands out its rows in no order.*Name an Azure Storage account/,
    );
    expect(world.writes).toBe(before);
  });

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
