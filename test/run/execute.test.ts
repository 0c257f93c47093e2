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
