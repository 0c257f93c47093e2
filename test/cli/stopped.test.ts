import { writeFileSync } from "node:fs";

import type { CliIo } from "../../migration/cli/io";
import { OperationalError } from "../../migration/engine/errors";
import { JOURNAL_TABLE } from "../../migration/engine/journal";
import { systemClock } from "../../migration/run/clock";
import { realPorts } from "../../migration/run/ports";
import { tableJournal } from "../../migration/stores/azureTables/journal";
import { World } from "./world";

/** Waits until `condition` holds; the test's own time-out is the end of it. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("a run that is stopped", () => {
  let world: World;
  beforeEach(async () => {
    world = await World.start({ latencyMs: 10 });
    await world.fill("source", "Cities", 30);
    world.service.clearLog();
  });
  afterEach(async () => {
    await world.stop();
  });

  const dataBatches = () =>
    world.service.log.filter(({ account, path: where }) => account === "fabrikam" && where === "$batch").length;

  it("ends at an acknowledged batch on the first Ctrl-C, and goes on from there", async () => {
    let interrupt: () => void = () => undefined;
    const running = world.cli(["copy", "--all", "--concurrency", "1"], {
      onStart: (press) => {
        interrupt = press;
      },
    });
    await until(() => dataBatches() > 6);
    interrupt();
    const stopped = await running;
    expect(stopped.exitCode).toBe(3);
    expect(stopped.exitedAtOnce).toBeUndefined();
    expect(stopped.stderr).toContain("Stopping at the next acknowledged batch");
    expect(stopped.stdout).toMatch(/^Stopped before the end\./);
    const resumed = await world.cli(["copy", "--all"]);
    expect(resumed.stdout).toMatch(/^Every row is equal\./);
    expect(resumed.exitCode).toBe(0);
    expect((await world.cli(["copy", "--all"])).stdout).toContain("0 written, 3,000 unchanged");
  });

  it("ends at once on the second Ctrl-C", async () => {
    const result = await world.cli(["verify", "--all"], {
      onStart: (press) => {
        press();
        press();
      },
    });
    expect(result.exitedAtOnce).toBe(3);
  });

  it("is stopped from another machine by `landbridge stop`, which says whom it asked", async () => {
    const running = world.cli(["copy", "--all", "--concurrency", "1"]);
    await until(() => dataBatches() > 4);
    const stop = await world.cli(["stop"], { env: { LANDBRIDGE_DESTINATION: world.connection("destination") } });
    expect(stop.stdout).toMatch(/^Asked .*@.* \(process \d+\) \(run [0-9a-f-]{36}, at work since .*\) to stop/);
    const stopped = await running;
    expect(stopped.exitCode).toBe(3);
    expect(stopped.stdout).toMatch(/^Stopped before the end\./);
    expect((await world.cli(["copy", "--all"])).exitCode).toBe(0);
  });

  it("keeps a second one waiting, which says for whom, and finds nothing left to do", async () => {
    const running = world.cli(["copy", "--all", "--concurrency", "1"]);
    await until(() => dataBatches() > 2);
    const second = await world.cli(["copy", "--all"]);
    expect(second.stderr).toMatch(/^Waiting up to \d+ s: .*@.* \(process \d+\) works on this table since .*Z,/m);
    expect(second.stdout).toContain("0 written, 3,000 unchanged");
    expect((await running).exitCode).toBe(0);
  });

  it("is refused while another one holds the lease", async () => {
    const held = new OperationalError({ code: "LeaseHeld", message: "ops@runner-7 works on Cities since 09:05." });
    const openJournal: CliIo["ports"]["openJournal"] = (destination, waiting) => ({
      ...realPorts.openJournal(destination, waiting), acquireLease: () => Promise.reject(held),
    });
    const result = await world.cli(["copy", "--all"], { ports: { openJournal } });
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
    expect(result.stderr).toContain("Error: ops@runner-7 works on Cities since 09:05.");
  });

  it("says what broke when the destination fails half-way, and resumes", async () => {
    // The lease cannot be given up then: the next run waits out its term, which is short here.
    const openJournal: CliIo["ports"]["openJournal"] = (destination, waiting) =>
      tableJournal(destination, JOURNAL_TABLE, { clock: systemClock, termMs: 2_000, waiting });
    const ports = { openJournal };
    const running = world.cli(["copy", "--all", "--concurrency", "1"], { ports });
    await until(() => dataBatches() > 4);
    world.service.account("fabrikam").regenerateKey("key1");
    const broken = await running;
    expect(broken.exitCode).toBe(3);
    expect(broken.stdout).toMatch(/^Could not finish\./);
    expect(broken.stderr).toMatch(/Error: .*fabrikam/);
    expect((await world.cli(["copy", "--all"], { ports })).exitCode).toBe(0);
  });
});

describe("a request to stop that fails", () => {
  it("never prints a secret by file that a service echoes back", async () => {
    const world = await World.start();
    const secret = "ZWNob2VkLXNlY3JldC1zaWduYXR1cmU=";
    writeFileSync(world.file("destination.txt"), `${world.endpoint("destination")}?sv=1&ss=t&srt=o&sp=r&sig=${secret}`);
    const ports = {
      openStore: () => {
        throw new Error(`what the service says: ${secret}`);
      },
    };
    const env = { LANDBRIDGE_DESTINATION_FILE: world.file("destination.txt") };
    const result = await world.cli(["stop"], { env, ports });
    await world.stop();
    expect([result.exitCode, result.stderr]).toEqual([3, expect.stringContaining("[redacted]")]);
    expect(result.stderr).not.toContain(secret);
  });
});
