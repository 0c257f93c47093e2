import { createHmac } from "node:crypto";

import { CONTOSO, FABRIKAM, type OrganisationAccount, type RunningAccount } from "../../local/emulators";
import type { StackRun } from "../../local/stack";
import { openManagement } from "../../migration/access/management";
import { CosmosWorld } from "../e2e/cosmosProgram";
import { ProgramWorld, rowAt } from "../e2e/program";
import { startLandbridge } from "../e2e/service";
import { TOKENS } from "./list";
import { during, merged, type Recorded } from "./recording";

const ROWS = 12;
/** A run that had to succeed and did not shows all it printed. */
async function succeeded(run: Promise<StackRun>): Promise<void> {
  const result = await run;
  if (!result.ok) throw new Error(`The run failed:\n${result.text}`);
}

/** An account that lets nobody in: the move has to open it, and to close it again. */
async function shut({ account, subscriptionId, resourceGroup }: OrganisationAccount): Promise<void> {
  const management = openManagement({ kind: "emulator", account, subscriptionId, resourceGroup });
  await management.setNetworkRules({ ...(await management.getNetworkRules()), defaultAction: "Deny" });
}

async function inWorld(world: ProgramWorld, play: (world: ProgramWorld) => Promise<Recorded>): Promise<Recorded> {
  try {
    await world.seed(ROWS);
    return await play(world);
  } finally {
    await world.close();
  }
}

/** Both accounts are managed: first move, a second one with every kind of change, access closed, all taken down. */
export async function managedMove(): Promise<Recorded> {
  return await inWorld(await ProgramWorld.open("local"), async (world) => {
    const { runner, source } = world;
    await shut(CONTOSO);
    const first = await during(world.emulators, async () => {
      await succeeded(runner.preview());
      await succeeded(runner.up());
    });
    await world.put(source, rowAt(3, ',"visited":true'));
    await world.put(source, rowAt(ROWS));
    await world.remove(source, rowAt(5));
    const second = await during(world.emulators, async () => {
      await succeeded(runner.preview());
      await succeeded(runner.up());
      await succeeded(runner.refresh());
    });
    world.configure("destroyDestination", true);
    world.configure("temporaryAccess", "closed");
    const last = await during(world.emulators, async () => {
      await succeeded(runner.up());
      await succeeded(runner.destroy());
    });
    return merged([first, second, last]);
  });
}

/** The source's owner hands over a SAS that reads, and the destination's account is there already. */
export async function handedOverMove(): Promise<Recorded> {
  const accounts = [CONTOSO, { ...FABRIKAM, exists: true }];
  return await inWorld(await ProgramWorld.open("local", accounts), async (world) => {
    const { emulators: { source }, runner } = world;
    world.handOver(accountSas(source, TOKENS.handedOver.letters));
    const { account, tenantId, subscriptionId, resourceGroup, location } = FABRIKAM;
    const destination = { account, tenantId, subscriptionId, resourceGroup, location, existing: "account" };
    world.configure("destination", destination);
    await shut(FABRIKAM);
    return await during(world.emulators, async () => {
      await succeeded(runner.preview());
      await succeeded(runner.up());
      await succeeded(runner.destroy());
    });
  });
}

/** Signed here, since the SDK has no letter for creating (Microsoft: "Create an account SAS", 2018-11-09 and later). */
function accountSas({ account, tableEndpoint, keys }: RunningAccount, letters: string): string {
  const [key = ""] = keys() ?? [];
  const expiry = `${new Date(Date.now() + 3_600_000).toISOString().slice(0, 19)}Z`;
  const version = "2019-02-02";
  const signed = [account, letters, "t", "co", "", expiry, "", "https,http", version, ""].join("\n");
  const sig = createHmac("sha256", Buffer.from(key, "base64")).update(signed).digest("base64");
  const fields = { sv: version, ss: "t", srt: "co", sp: letters, se: expiry, spr: "https,http", sig };
  return `${tableEndpoint}?${new URLSearchParams(fields).toString()}`;
}

/** `landbridge copy`, twice and with a change between, by an account SAS on each side. */
export async function commandLine(): Promise<Recorded> {
  const accounts = [CONTOSO, { ...FABRIKAM, exists: true }];
  return await inWorld(await ProgramWorld.open("local", accounts), async (world) => {
    const { emulators: { source, destination } } = world;
    const env = {
      LANDBRIDGE_SOURCE: accountSas(source, TOKENS.commandLineSource.letters),
      LANDBRIDGE_DESTINATION: accountSas(destination, TOKENS.commandLineDestination.letters),
    };
    const copy = async (): Promise<void> => {
      const options = { env, cwd: world.folder };
      const { code, stderr } = await startLandbridge(["copy", "--all", "--deletes", "propagate"], options).finished;
      if (code !== 0) throw new Error(`landbridge copy ended with ${code}: ${stderr}`);
    };
    const first = await during(world.emulators, copy);
    await world.put(world.source, rowAt(3, ',"visited":true'));
    await world.remove(world.source, rowAt(5));
    return merged([first, await during(world.emulators, copy)]);
  });
}

/** To Cosmos DB by a key, and everything taken down again, the account with it. */
export async function cosmosByKey(): Promise<Recorded> {
  const world = await CosmosWorld.open("local", { localAuth: true });
  try {
    world.configure("destroyDestination", true);
    for (let at = 0; at < ROWS; at += 1) await world.put(at);
    return await during(world.emulators, async () => {
      await succeeded(world.up("sync"));
      await succeeded(world.runner.destroy());
    });
  } finally {
    await world.close();
  }
}
