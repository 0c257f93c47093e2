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
    const run = program.runner.up();
    while (!host.commands.some((command) => command.includes("-copy"))) await sleep(20);
    await sleep(300);
    host.cutOff();
    const failed = await run;
    expect(failed.ok).toBe(false);
    expect(failed.text).toMatch(/host-ssh-copy.*connection .* was lost; nothing is known/s);
    const state = readState(JSON.stringify(await program.runner.exportState()), "the state");
    expect(notFresh(state, Date.now(), { hoursMax: 1, levelMin: "full" })).toMatch(/no verdict/);
    await host.quiet();
    await world.succeeded(program.runner.up());
    expect((await program.runner.outputs())["verdict"]).toBe("equal");
    expect((await program.destination().readPage(TABLE, {})).rows).toHaveLength(ROWS);
  }, TEST_MS_MAX);
});
