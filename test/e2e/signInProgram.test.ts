import { CONTOSO, FABRIKAM, type OrganisationAccount } from "../../local/emulators";
import { DEPLOYER } from "../../local/emulators/deployer";
import { pulumiVersion, type StackRun } from "../../local/stack";
import type { Store } from "../../migration/engine/store";
import { openAzureTables } from "../../migration/stores/azureTables";
import { differences, NONE } from "../rights/list";
import { rightsIn, rowRightsIn } from "../rights/needs";
import { listenIn, type Recorded } from "../rights/recording";
import { ProgramWorld, rowAt, TABLE } from "./program";
import { startLandbridge } from "./service";

const TEST_MS_MAX = 600_000;
const ROWS = 12;
const REFUSES = "refuses shared keys (allowSharedKeyAccess is false)";

/** A run that had to succeed and did not shows all it printed. */
async function succeeded(run: Promise<StackRun>): Promise<StackRun> {
  const result = await run;
  if (!result.ok) throw new Error(`The run failed:\n${result.text}`);
  return result;
}

/** Both accounts are there, and say of shared keys what they are told to; the stack's configuration says nothing. */
async function open(engine: "local" | "pulumi", sharedKeys: boolean): Promise<ProgramWorld> {
  const accounts: readonly OrganisationAccount[] = [
    { ...CONTOSO, sharedKeys }, { ...FABRIKAM, exists: true, sharedKeys },
  ];
  const world = await ProgramWorld.open(engine, accounts);
  const { account, tenantId, subscriptionId, resourceGroup, location } = FABRIKAM;
  world.configure("destination", { account, tenantId, subscriptionId, resourceGroup, location, existing: "account" });
  world.configure("tables", [TABLE]);
  await world.seed(ROWS);
  return world;
}

function roles({ emulators }: ProgramWorld): readonly unknown[] {
  const assignments = emulators.resources("Microsoft.Authorization/roleAssignments");
  return assignments.filter(({ properties }) => /storageAccounts/.test(String(properties["scope"])));
}

async function statusOf(store: Store): Promise<string | undefined> {
  try {
    await store.readPage(TABLE, { rowsMax: 1 });
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

/** Whoever holds a key of the source's, at the account's door. */
function byKey(world: ProgramWorld): Store {
  const { account, tableEndpoint: endpoint, keys } = world.emulators.source;
  return world.keep(openAzureTables({ kind: "sharedKey", account, endpoint, key: keys()?.[0] ?? "" }));
}

/** The whole life of the move takes what docs/permissions.md tells to grant, all of it, and no right to keys. */
function expectGranted(recorded: Recorded): void {
  const source = rightsIn(recorded, CONTOSO.subscriptionId, false);
  const destination = rightsIn(recorded, FABRIKAM.subscriptionId, true);
  expect(differences(source, ["source", "signIn"], ["signIn"])).toEqual(NONE);
  expect(differences(destination, ["existingAccount", "signIn", "vault"], ["signIn", "vault"])).toEqual(NONE);
  expect([...source, ...destination].filter((right) => /keys?\/action/i.test(right))).toEqual([]);
  const rows = ({ account }: OrganisationAccount) => rowRightsIn(recorded, account, "storage");
  expect(differences(rows(CONTOSO).needed, ["signInSource"])).toEqual(NONE);
  expect(differences(rows(CONTOSO).asked, ["signInSource"])).toEqual(NONE);
  expect(differences(rows(FABRIKAM).needed, ["signInDestination"])).toEqual(NONE);
  expect(differences(rows(FABRIKAM).asked, ["signInDestination"])).toEqual(NONE);
}

function signInSuite(engine: "local" | "pulumi"): void {
  let world: ProgramWorld;
  afterEach(() => world.close(), TEST_MS_MAX);

  it("goes by Entra ID where accounts forbid keys, moves, proves, and leaves no role behind", async () => {
    world = await open(engine, false);
    const { runner, emulators } = world;
    expect(await statusOf(byKey(world))).toBe("KeyBasedAuthenticationNotPermitted");
    const keys = [emulators.source.keys(), emulators.destination.keys()];
    const heard = await listenIn(emulators);
    const preview = await succeeded(runner.preview());
    expect(preview.text.split(REFUSES)).toHaveLength(3);

    const first = await succeeded(runner.up());
    expect(first.text.split(REFUSES)).toHaveLength(3);
    const outputs = await runner.outputs();
    expect(outputs).toMatchObject({ verdict: "equal", keysToRotate: [] });
    expect(outputs["sourceGrant"]).toMatch(/by Entra ID/);
    expect(roles(world)).toHaveLength(2);

    const again = await succeeded(runner.up());
    expect(again).toMatchObject({ changes: { create: 0, update: 0, replace: 0, delete: 0 } });
    await world.put(world.source, rowAt(3, ',"visited":true'));
    await world.remove(world.source, rowAt(5));
    expect((await succeeded(runner.preview())).text).toMatch(/\b2 rows to copy/);
    await succeeded(runner.up());
    expect((await runner.outputs())["verdict"]).toBe("equal");

    await succeeded(runner.destroy());
    expect(roles(world)).toEqual([]);
    expect([emulators.source.keys(), emulators.destination.keys()]).toEqual(keys);
    expectGranted(await heard());
    expect((await world.destination().readPage(TABLE, {})).rows).toHaveLength(ROWS - 1);
  }, TEST_MS_MAX);

  it("takes an endpoint and a role that the owner hands over in place of a SAS, and gives nothing back", async () => {
    world = await open(engine, false);
    const { runner, emulators: { source: { account, tableEndpoint: endpoint, tenantId } } } = world;
    world.handOver(JSON.stringify({ version: 1, account, endpoint, signIn: { tenantId } }));
    const early = await succeeded(runner.preview());
    expect(early.text).toMatch(/Table Cities cannot be read: the service answers 403 AuthorizationPermissionMismatch/);
    await world.letRead(CONTOSO, DEPLOYER.objectId);
    await succeeded(runner.up());
    const outputs = await runner.outputs();
    expect(outputs["verdict"]).toBe("equal");
    expect(outputs["sourceGrant"]).toMatch(/^read by Entra ID on 1 table/);
    await succeeded(runner.destroy());
    // The owner's own grant is the owner's to take back.
    expect(roles(world)).toEqual([expect.objectContaining({
      properties: expect.objectContaining({ principalId: DEPLOYER.objectId, scope: expect.stringMatching(account) }),
    })]);
  }, TEST_MS_MAX);

  it("changes over to Entra ID once an account forbids keys, and refuses a setting that contradicts it", async () => {
    world = await open(engine, true);
    const { runner } = world;
    await succeeded(runner.up());
    expect(roles(world)).toEqual([]);
    await world.forbidKeys(CONTOSO);
    const { account, tenantId, subscriptionId, resourceGroup } = CONTOSO;
    const source = { account, tenantId, subscriptionId, resourceGroup };
    world.configure("source", { ...source, sharedKeyAccess: true });
    const refused = await runner.preview();
    expect(refused.ok).toBe(false);
    expect(refused.text).toMatch(/refuses shared keys.*sharedKeyAccess: true\. Remove that setting/);

    world.configure("source", source);
    const changed = await succeeded(runner.up());
    expect(changed.text.split(REFUSES)).toHaveLength(2);
    expect((await runner.outputs())["verdict"]).toBe("equal");
    expect(roles(world)).toHaveLength(1);
    await succeeded(runner.destroy());
    expect(roles(world)).toEqual([]);
  }, TEST_MS_MAX);
}

describe("landbridge copy with a key that the source does not take", () => {
  it("says so, goes on as whoever is signed in, and is equal", async () => {
    const accounts = [{ ...CONTOSO, sharedKeys: false }, { ...FABRIKAM, exists: true }];
    const world = await ProgramWorld.open("local", accounts);
    try {
      await world.seed(ROWS);
      await world.letRead(CONTOSO, DEPLOYER.objectId);
      const { source: { account, tableEndpoint, keys }, destination } = world.emulators;
      const env = {
        LANDBRIDGE_SOURCE: `AccountName=${account};AccountKey=${keys()?.[0]};TableEndpoint=${tableEndpoint}`,
        LANDBRIDGE_DESTINATION: destination.connectionString(),
      };
      const { code, stderr } = await startLandbridge(["copy", "--all"], { env, cwd: world.folder }).finished;
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(stderr.match(/Account contosotables refuses shared keys.*signing in there by Entra ID/g)).toHaveLength(1);
      expect((await world.destination().readPage(TABLE, {})).rows).toHaveLength(ROWS);
    } finally {
      await world.close();
    }
  }, TEST_MS_MAX);
});

describe("accounts that forbid shared keys, on the local engine", () => signInSuite("local"));

describe("accounts that forbid shared keys, on the Pulumi CLI", () => {
  if (pulumiVersion() !== undefined) signInSuite("pulumi");
  else it.skip("skipped: no pulumi on PATH", () => undefined);
});
