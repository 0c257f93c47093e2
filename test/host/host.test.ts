import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { endsSoon, notFresh, readState, type StackState } from "../../migration/report/stackState";
import { TABLE, rowAt } from "../e2e/program";
import { HostWorld } from "./world";

/** A run of a stack takes seconds; several of them, with emulators, on a slow machine, take minutes. */
const TEST_MS_MAX = 600_000;
const ROWS = 40;

async function stateOf({ program }: HostWorld): Promise<StackState> {
  return readState(JSON.stringify(await program.runner.exportState()), "the state");
}

describe("a move on a host that SSH reaches through a jump host", () => {
  let world: HostWorld;
  let folder: string;

  beforeAll(async () => {
    world = await HostWorld.open();
    folder = join(world.host.home, "landbridge-landbridge-dev");
    await world.program.seed(ROWS);
  }, TEST_MS_MAX);

  afterAll(() => world.close(), TEST_MS_MAX);

  it("is left alone by a preview", async () => {
    await world.succeeded(world.program.runner.preview());
    expect(world.host.commands).toEqual([]);
  }, TEST_MS_MAX);

  it("copies and proves there, and brings the report back", async () => {
    const { program, host, jump } = world;
    await world.succeeded(program.runner.up());
    const { verdict, reportPath } = await program.runner.outputs();
    expect(verdict).toBe("equal");
    const report = JSON.parse(readFileSync(join(program.folder, String(reportPath)), "utf8"));
    // What a teardown and a watch go by.
    const state = await stateOf(world);
    expect(notFresh(state, Date.now(), { hoursMax: 1, levelMin: "full" })).toBeUndefined();
    expect(endsSoon(state, Date.now(), 1)).toBeUndefined();
    expect(endsSoon(state, Date.now(), 10_000)).toMatch(/Temporary access is open/);
    expect(report).toMatchObject({ verdict: "equal", level: "full", command: "verify", tables: [{ table: TABLE }] });
    expect(report.tables[0].source.count).toBe(ROWS);
    expect((await program.destination().readPage(TABLE, {})).rows).toHaveLength(ROWS);
    // Everything went through the jump host, which runs nothing itself.
    expect(new Set(jump.forwarded)).toEqual(new Set([`127.0.0.1:${host.port}`]));
    // What was brought is there, for its owner alone; what a run made is gone.
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const bundle = expect.stringMatching(/^landbridge-[0-9a-f]{12}\.tar$/);
    expect(readdirSync(folder).sort()).toEqual([".landbridge-host", bundle]);
  }, TEST_MS_MAX);

  it("keeps every secret off command lines, out of the environment, state, print, reports and the disk", async () => {
    const { program, host } = world;
    const secrets = [...(await program.secrets()), ...world.privateKeyLines()];
    expect(secrets.length).toBeGreaterThan(8);
    expect(host.commands.length).toBeGreaterThan(2);
    expect(host.variables).toEqual([]);
    const { reportPath } = await program.runner.outputs();
    const seen = {
      commands: host.commands.join("\n"),
      state: JSON.stringify(await program.runner.exportState()),
      printed: program.printed.join("\n"),
      report: readFileSync(join(program.folder, String(reportPath)), "utf8"),
      disk: world.everyFileOnTheHost(),
    };
    for (const secret of secrets) {
      for (const [place, text] of Object.entries(seen)) expect([place, text.includes(secret)]).toEqual([place, false]);
    }
  }, TEST_MS_MAX);

  it("is left alone by a run that tells it nothing new, though the source has changed", async () => {
    const { program, host } = world;
    await program.put(program.source, rowAt(3, ',"visited":true'));
    const before = host.commands.length;
    const again = await world.succeeded(program.runner.up());
    expect(again.changes).toMatchObject({ create: 0, replace: 0, delete: 0, update: 0 });
    expect(host.commands).toHaveLength(before);
  }, TEST_MS_MAX);

  it("runs again when it is asked to, brings no bundle that is there, and writes only what changed", async () => {
    const { program } = world;
    world.askAgain();
    const again = await world.succeeded(program.runner.up());
    // The decision, copy, verification and report.
    expect(again.changes).toMatchObject({ create: 0, replace: 0, delete: 0, update: 4 });
    const { verdict, summary } = await program.runner.outputs();
    expect([verdict, String(summary)]).toEqual(["equal", expect.stringContaining("1 row written")]);
  }, TEST_MS_MAX);

  it("fails where rows are not equal, names them, and keeps the report", async () => {
    const { program } = world;
    await program.put(program.destination(), rowAt(ROWS + 1));
    world.askAgain();
    const failed = await program.runner.up();
    expect(failed.ok).toBe(false);
    expect(failed.text).toContain("The tables are not proven equal");
    expect(failed.text).toContain("1 extra");
    const page = /open (\S+\.html)/.exec(failed.text)?.[1] ?? "";
    expect(existsSync(join(program.folder, page))).toBe(true);
    // The outputs still say what the last run that succeeded said; the state knows better.
    expect((await program.runner.outputs())["verdict"]).toBe("equal");
    const stale = notFresh(await stateOf(world), Date.now(), { hoursMax: 1, levelMin: "full" });
    expect(stale).toMatch(/host-report says "different", which is no proof/);
    await program.remove(program.destination(), rowAt(ROWS + 1));
  }, TEST_MS_MAX);

  it("runs again by itself where its last run did not end well, and then no more", async () => {
    const { program, host } = world;
    const before = host.commands.length;
    await world.succeeded(program.runner.up());
    expect(await program.runner.outputs()).toMatchObject({ verdict: "equal" });
    expect(host.commands).toHaveLength(before + 2);
    await world.succeeded(program.runner.up());
    expect(host.commands).toHaveLength(before + 2);
  }, TEST_MS_MAX);

  it("fails where the copy fails: a row that somebody else changed is not overwritten", async () => {
    const { program, host } = world;
    await program.put(program.destination(), rowAt(7, ',"tampered":true'));
    world.askAgain();
    const before = host.commands.length;
    const failed = await program.runner.up();
    expect(failed.ok).toBe(false);
    expect(failed.text).toMatch(/host-ssh-copy.*status 1/s);
    expect(failed.text).toContain("0007");
    // Nothing is verified after a copy that failed.
    expect(host.commands.slice(before)).toHaveLength(1);
    await program.put(program.destination(), rowAt(7));
    // Nobody has to ask: Pulumi knows that the command has failed.
    await world.succeeded(program.runner.up());
    expect(host.commands.slice(before)).toHaveLength(3);
  }, TEST_MS_MAX);

  it("runs nothing of a bundle that was changed on the host", async () => {
    const { program, host } = world;
    world.tamperWithTheBundle();
    world.askAgain();
    const before = host.commands.length;
    const failed = await program.runner.up();
    expect(failed.ok).toBe(false);
    expect(failed.text).toMatch(/the bundle has sha256 [0-9a-f]{64}, and [0-9a-f]{64} was sent/);
    expect(readdirSync(folder)).not.toContain("tampered");
    expect(host.commands.slice(before)).toHaveLength(1);
  }, TEST_MS_MAX);

  it("keeps what it brought back when access closes, and leaves nothing on the host", async () => {
    const { program } = world;
    const { reportPath } = await program.runner.outputs();
    program.configure("temporaryAccess", "closed");
    await world.succeeded(program.runner.up());
    expect(await program.runner.outputs()).toMatchObject({ verdict: "equal", reportPath });
    expect(existsSync(folder)).toBe(false);
    await world.succeeded(program.runner.destroy());
    expect((await program.destination().readPage(TABLE, {})).rows).toHaveLength(ROWS);
  }, TEST_MS_MAX);
});

describe("a host that is not as it was said to be", () => {
  let world: HostWorld;

  beforeAll(async () => {
    world = await HostWorld.open();
    await world.program.seed(1);
  }, TEST_MS_MAX);

  afterAll(() => world.close(), TEST_MS_MAX);

  it.each(["host", "jump"] as const)("is told nothing where the %s shows another key", async (which) => {
    const { program, host, jump } = world;
    const restore = world.expectAnotherKeyOf(which);
    const failed = await program.runner.up();
    restore();
    expect(failed.ok).toBe(false);
    expect(failed.text).toMatch(/Host denied/);
    expect(host.commands).toEqual([]);
    expect(host.refused + jump.refused).toBe(0);
  }, TEST_MS_MAX);

  it("is refused with a remedy where Node is missing or the folder is somebody else's, which stays", async () => {
    const { program } = world;
    world.configureHost({ node: "/opt/nowhere/node" });
    const failed = await program.runner.up();
    expect(failed.text).toContain("there is no /opt/nowhere/node on this host. Install Node 20.18 or later");
    world.configureHost({ node: "node", folder: "theirs" });
    world.makeFolderOnTheHost("theirs");
    const refused = await program.runner.up();
    expect(refused.text).toContain("theirs is there already, and is not ours");
    await world.succeeded(program.runner.destroy());
    expect(world.filesIn("theirs")).toEqual(["precious.txt"]);
  }, TEST_MS_MAX);
});
