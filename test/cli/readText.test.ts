import { truncateSync, writeFileSync } from "node:fs";

import { cities, runCli, World } from "./world";

describe("a file that the command line reads", () => {
  let world: World;
  beforeEach(async () => {
    world = await World.start();
  });
  afterEach(() => world.stop());

  it("is read no further than such a file can be long", async () => {
    const file = world.file("state.json");
    writeFileSync(file, "");
    truncateSync(file, 64 * 1024 * 1024 + 1);
    const asked = await runCli(["stack", file, "--access-for", "24"]);
    expect(asked.exitCode).toBe(2);
    expect(asked.stderr).toMatch(/state\.json has more than 67108864 bytes: it is some other file\. Write it with/);
  });

  it("may not be there, and is said not to be", async () => {
    const asked = await runCli(["stack", world.file("none.json"), "--access-for", "24"]);
    expect(asked).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/none\.json cannot be read \(ENOENT/) });
  });

  it("is no report of a live move where lag is looked for: a copy follows nothing", async () => {
    await world.put("source", "Cities", cities(2));
    const json = world.file("r.json");
    await world.cli(["copy", "--all", "--report", json]);
    const asked = await runCli(["report", json, "--lag-minutes-max", "5"]);
    expect(asked).toMatchObject({ exitCode: 2, stdout: "" });
    expect(asked.stderr).toMatch(/r\.json is the report of a copy, and only a live move lags/);
  });
});
