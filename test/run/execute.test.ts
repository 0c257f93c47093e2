import { readFileSync, writeFileSync } from "node:fs";

import { OperationalError } from "../../migration/engine/errors";
import { realPorts } from "../../migration/run/ports";
import type { RunPorts } from "../../migration/run/ports";
import { cities, World } from "../cli/world";

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(async () => {
  await world.stop();
});

/** No lease is to be had, for the given reason. */
function withoutLeases(code: string): Partial<RunPorts> {
  return {
    openJournal: (destination, waiting) => ({
      ...realPorts.openJournal(destination, waiting),
      acquireLease: () => Promise.reject(new OperationalError({ code, message: "Not now." })),
    }),
  };
}

describe("a copy that gets no further than its journal", () => {
  it.each([
    ["AuthorizationFailure", "says that something was written when it created the journal", 3],
    ["LeaseHeld", "says that nothing was written when another run holds the lease", 2],
  ])("%s: %s", async (code, _, exitCode) => {
    await world.put("source", "Cities", cities(2));
    const result = await world.cli(["copy", "--all"], { ports: withoutLeases(code) });
    expect(result.stderr).toContain("Not now.");
    expect(result.exitCode).toBe(exitCode);
  });

  it("says that nothing was written when the journal was there before", async () => {
    await world.put("source", "Cities", cities(2));
    expect((await world.cli(["copy", "--all"])).exitCode).toBe(0);
    const result = await world.cli(["copy", "--all"], { ports: withoutLeases("AuthorizationFailure") });
    expect(result.exitCode).toBe(2);
  });
});

describe("an earlier list of differences", () => {
  const verify = async (table: string) => {
    writeFileSync(world.file("d.jsonl"), "earlier\n");
    const result = await world.cli(["verify", "--tables", table, "--differences", world.file("d.jsonl")]);
    return { exitCode: result.exitCode, list: readFileSync(world.file("d.jsonl"), "utf8") };
  };

  it("stays when a verification fails before it begins", async () => {
    expect(await verify("Absent")).toEqual({ exitCode: 2, list: "earlier\n" });
  });

  it("is replaced by what a verification found, also when that is nothing", async () => {
    await world.put("source", "Cities", cities(2));
    const found = await verify("Cities");
    expect(found.exitCode).toBe(1);
    expect(found.list.trimEnd().split("\n").map((line) => JSON.parse(line))).toHaveLength(2);
    await world.put("destination", "Cities", cities(2));
    expect(await verify("Cities")).toEqual({ exitCode: 0, list: "" });
  });
});
