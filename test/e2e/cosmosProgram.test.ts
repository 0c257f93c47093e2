import { pulumiVersion, type StackRun } from "../../local/stack";
import type { Store } from "../../migration/engine/store";
import { CONTOSO, FABRIKAM_COSMOS } from "../../local/emulators";
import { differences, NONE } from "../rights/list";
import { rightsIn, rowRightsIn } from "../rights/needs";
import { listenIn, type Recorded } from "../rights/recording";
import { CosmosWorld, OURS, phaseInJournal, TABLE } from "./cosmosProgram";

/** A dozen runs of a stack take a minute; on a slow machine, with others, minutes. */
const TEST_MS_MAX = 600_000;
const ROWS = 6;

/** A run that had to succeed and did not shows all it printed. */
async function succeeded<T extends StackRun>(run: Promise<T>): Promise<T> {
  const result = await run;
  if (!result.ok) throw new Error(`The run failed:\n${result.text}`);
  return result;
}

async function refused(run: Promise<StackRun>): Promise<string> {
  const { ok, text } = await run;
  if (ok) throw new Error(`The run did not fail:\n${text}`);
  return text;
}

async function statusOf(store: Store): Promise<number | undefined> {
  try {
    await store.readPage(TABLE, { rowsMax: 1 });
    return 200;
  } catch (error) {
    return (error as { status?: number }).status;
  }
}

/** What access leaves behind, by the management API. */
function temporary({ emulators }: CosmosWorld): readonly string[] {
  const types = [
    "Microsoft.App/jobs", "Microsoft.App/managedEnvironments", "Microsoft.KeyVault/vaults",
    "Microsoft.ManagedIdentity/userAssignedIdentities", "Microsoft.Authorization/roleAssignments",
  ];
  return types.flatMap((type) => emulators.resources(type).map(({ id }) => id));
}

function rolesOf({ emulators }: CosmosWorld): readonly unknown[] {
  const roles = emulators.resources("Microsoft.DocumentDB/databaseAccounts/tableRoleAssignments");
  return roles.map(({ properties }) => properties["principalId"]);
}

function throughputOf({ emulators }: CosmosWorld): unknown {
  const [table] = emulators.resources("Microsoft.DocumentDB/databaseAccounts/tables");
  return (table?.properties["options"] as { maxThroughput?: number } | undefined)?.maxThroughput;
}

/** All phases take what docs/permissions.md tells to grant; of rows, all of it. What else is there: test/rights. */
function expectGranted(recorded: Recorded): void {
  const source = rightsIn(recorded, CONTOSO.subscriptionId, false);
  const destination = rightsIn(recorded, FABRIKAM_COSMOS.subscriptionId, true);
  expect(differences(source, ["source", "fence"], [])).toEqual(NONE);
  expect(differences(destination, ["cosmos", "vault", "schedule"], ["vault"])).toEqual(NONE);
  expect([...destination].filter((right) => /keys?\/action/i.test(right))).toEqual([]);
  const { asked, needed } = rowRightsIn(recorded, FABRIKAM_COSMOS.account, "cosmos");
  expect(differences(needed, ["cosmosRows"])).toEqual(NONE);
  expect(differences(asked, ["cosmosRows"])).toEqual(NONE);
}

async function synced(world: CosmosWorld): Promise<void> {
  for (let at = 0; at < ROWS; at += 1) await world.put(at);
  const first = await succeeded(world.up("sync"));
  expect(first.outputs).toMatchObject({ verdict: "sync", phase: "sync", lagSeconds: expect.any(Number) });
  expect(world.rows().size).toBe(ROWS);
}

function cosmosSuite(engine: "local" | "pulumi"): void {
  let world: CosmosWorld;

  beforeEach(async () => {
    world = await CosmosWorld.open(engine);
  }, TEST_MS_MAX);

  afterEach(() => world.close(), TEST_MS_MAX);

  it("goes through all phases while both sides are written, and leaves no access behind", async () => {
    const heard = await listenIn(world.emulators);
    const preview = await succeeded(world.runner.preview());
    expect(preview.changes.create).toBeGreaterThan(25);
    await synced(world);
    expect(throughputOf(world)).toBe(20_000);
    expect(rolesOf(world)).toHaveLength(3);

    // Backfill: what changed since, and no more.
    await world.put(2, ',"backfilled":true');
    const followed = await succeeded(world.up("sync"));
    expect(world.report(followed.outputs)).toMatchObject({ tables: [{ written: 1, sync: { work: "backfill" } }] });
    expect(world.rows().get("0002")).toBe("backfilled");

    const skipped = await refused(world.up("drained"));
    expect(skipped).toContain('Next comes "switched"');
    expect(phaseInJournal(world)).toBe("sync");

    await world.remove(5);
    expect((await succeeded(world.up("switched"))).outputs).toMatchObject({ phase: "switched" });
    expect(world.rows().size).toBe(ROWS - 1);
    expect(throughputOf(world)).toBe(2_000);

    // The application writes the destination; somebody is late in the source.
    world.applicationPuts(1, ',"application":true');
    world.applicationPuts(9, ',"application":true');
    await world.put(3, ',"late":true');
    const late = await succeeded(world.up("switched"));
    expect(late.outputs).toMatchObject({ lateApplied: 1, lateConflictRows: 0 });
    expect([...world.rows()]).toEqual(expect.arrayContaining([
      ["0001", "application"], ["0003", "late"], ["0009", "application"],
    ]));

    expect(await refused(world.up("sync"))).toContain("does not come back");
    expect(await refused(world.up("done"))).toContain('before "done" is "drained"');
    expect(temporary(world).length).toBeGreaterThan(4);

    // One look at the source shows no quiet: deletions leave no time behind. The fence is up before that.
    const writers = [world.writer(0), world.writer(1)];
    for (const writes of writers) expect(await writes()).toBe(200);
    world.configure("fence", "both");
    expect(await refused(world.up("drained"))).toContain("first look at all of it");
    expect(phaseInJournal(world)).toBe("switched");
    for (const writes of writers) expect(await writes()).toBe(403);
    expect(world.firewall()).toMatchObject({ defaultAction: "Deny", bypass: "None", ipRules: [{ value: OURS }] });
    await new Promise((wake) => setTimeout(wake, 2_000));
    const first = await succeeded(world.up("drained"));
    // Taken down, it lets in again whoever it let in; put up again, it shuts, and the source is read once more.
    world.configure("fence", "none");
    await succeeded(world.up("drained"));
    expect(world.firewall()).toMatchObject({ defaultAction: "Allow", bypass: "AzureServices" });
    const comesBack = world.writer(0);
    expect(await comesBack()).toBe(200);
    world.configure("fence", "both");
    await new Promise((wake) => setTimeout(wake, 2_000));
    const drained = await succeeded(world.up("drained"));
    expect(drained.outputs["reportPath"]).not.toBe(first.outputs["reportPath"]);
    expect(await comesBack()).toBe(403);
    const fence = expect.stringMatching(/a write by the old key1 and key2 was refused; the firewall/);
    expect(drained.outputs).toMatchObject({ phase: "drained", fence });
    const evidence = world.report(drained.outputs);
    expect(evidence.tables[0].sync.evidence).toMatchObject({ compared: 4, different: 0, changedSince: 1 });

    const deployer = world.destinationAs();
    expect(await statusOf(deployer)).toBe(200);
    const done = await succeeded(world.up("done"));
    expect(done.outputs).toMatchObject({ verdict: "done", phase: "done", reportPath: drained.outputs["reportPath"] });
    expect(phaseInJournal(world)).toBe("done");
    expect(temporary(world)).toEqual([]);
    expect(rolesOf(world)).toEqual(["cccccccc-0000-4000-8000-000000000001"]);
    expect(await statusOf(deployer)).toBe(403);
    // Who was shut out stays so until the stack goes.
    expect(world.firewall()).toMatchObject({ defaultAction: "Deny", ipRules: [] });
    const again = await succeeded(world.up("done"));
    expect(again).toMatchObject({ changes: { create: 0, update: 0, replace: 0, delete: 0 } });

    const [key1, key2] = world.emulators.source.keys() ?? [];
    await succeeded(world.runner.destroy());
    expect(world.rows().size).toBe(ROWS);
    expect(world.firewall()).toMatchObject({ defaultAction: "Allow", bypass: "AzureServices", ipRules: [] });
    expect(world.emulators.source.keys()).toEqual([key1, key2]);
    for (const writes of writers) expect(await writes()).toBe(403);
    expectGranted(await heard());
  }, TEST_MS_MAX);

  it("takes every access away when it is destroyed in the middle, and leaves the rows", async () => {
    await synced(world);
    await succeeded(world.up("switched"));
    const deployer = world.destinationAs();
    await succeeded(world.runner.destroy());
    expect(temporary(world)).toEqual([]);
    expect(await statusOf(deployer)).toBe(403);
    expect(world.rows().size).toBe(ROWS);
  }, TEST_MS_MAX);
}

describe("a stack with Cosmos DB on the local engine", () => cosmosSuite("local"));

describe("a stack with Cosmos DB on the Pulumi CLI", () => {
  if (pulumiVersion() !== undefined) cosmosSuite("pulumi");
  else it.skip("skipped: no pulumi on PATH", () => undefined);
});
