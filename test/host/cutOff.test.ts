import { setTimeout as sleep } from "node:timers/promises";

import { notFresh, readState } from "../../migration/report/stackState";
import { TABLE } from "../e2e/program";
import { HostWorld } from "./world";

/** A run of a stack takes seconds; several of them, with emulators, on a slow machine, take minutes. */
const TEST_MS_MAX = 600_000;
const ROWS = 40;

describe("a host that is cut off in the middle", () => {
  let world: HostWorld;

  beforeAll(async () => {
    world = await HostWorld.open();
    await world.program.seed(ROWS);
  }, TEST_MS_MAX);

  afterAll(() => world.close(), TEST_MS_MAX);

  it("fails the run, proves nothing, and is made good by the next one", async () => {
    const { program, host } = world;
    const cutOffWhileCopying = async () => {
      const before = host.commands.length;
      const run = program.runner.up();
      while (!host.commands.slice(before).some((command) => command.includes("-copy"))) await sleep(20);
      await sleep(300);
      host.cutOff();
      const failed = await run;
      await host.quiet();
      return failed;
    };
    const failed = await cutOffWhileCopying();
    expect(failed.ok).toBe(false);
    expect(failed.text).toMatch(/host-ssh-copy.*connection .* was lost; nothing is known/s);
    const unproven = async () => {
      const state = readState(JSON.stringify(await program.runner.exportState()), "the state");
      return notFresh(state, Date.now(), { hoursMax: 1, levelMin: "full" });
    };
    expect(await unproven()).toMatch(/no verdict/);
    await world.succeeded(program.runner.up());
    expect((await program.runner.outputs())["verdict"]).toBe("equal");
    expect(await unproven()).toBeUndefined();
    expect((await program.destination().readPage(TABLE, {})).rows).toHaveLength(ROWS);
    // Told something else, it runs again; the report of the run before says nothing of that one.
    program.configure("deletes", "accept");
    expect((await cutOffWhileCopying()).ok).toBe(false);
    expect(await unproven()).toMatch(/the host's run ".*" after it brought no report back/);
  }, TEST_MS_MAX);
});
