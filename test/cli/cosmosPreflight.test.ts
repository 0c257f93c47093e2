import { cities, World } from "./world";

describe("a preflight onto Cosmos DB for Table", () => {
  let world: World;

  beforeEach(async () => {
    world = await World.start();
  });

  afterEach(() => world.stop());

  const env = () => ({ ...world.env, LANDBRIDGE_DESTINATION: `${world.connection("destination")};Dialect=cosmos` });
  const preflight = (...options: string[]) => world.cli(["preflight", "--all", ...options], { env: env() });

  it("names row, rule and remedy of what Cosmos DB would refuse, whatever page it is on", async () => {
    const bad = [
      { PartitionKey: "zz", RowKey: "", name: "empty" },
      { PartitionKey: "zz", RowKey: "k".repeat(256), name: "long" },
      { PartitionKey: "zz", RowKey: "reserved", ID: "x" },
      { PartitionKey: "zz", RowKey: "twins", name: "a", Name: "b" },
    ];
    await world.put("source", "Cities", [...cities(2_500), ...bad]);
    const before = world.writes;
    const { exitCode, stdout } = await preflight();
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/KeyEmpty.*\("zz", ""\).*Give the row a key/);
    expect(stdout).toMatch(/KeyValueTooLarge.*256 bytes of UTF-8, at most 255.*shorter key/);
    expect(stdout).toMatch(/PropertyNameReserved.*\("zz", "reserved"\).*--rename-property/);
    expect(stdout).toMatch(/PropertyNamesDifferByCase.*\("zz", "twins"\).*Rename one of them/);
    expect(world.writes).toBe(before);
  });

  it("is content with a reserved name that is renamed, in whatever casing it came", async () => {
    await world.put("source", "Cities", [{ PartitionKey: "a", RowKey: "1", ETag: "x" }]);
    expect((await preflight()).stdout).toContain("PropertyNameReserved");
    expect((await preflight("--rename-property", "Cities.ETag=sourceEtag")).stdout).not.toContain("PropertyName");
  });
});
