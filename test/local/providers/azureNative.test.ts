import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FABRIKAM, startEmulators, type Emulators } from "../../../local/emulators";
import { makeSecret, UNKNOWN } from "../../../local/engine/value";
import { azureNative } from "../../../local/providers/azureNative";
import type { StandIn } from "../../../local/providers/standIn";

const { subscriptionId, tenantId } = FABRIKAM;
const GROUP = "fabrikam-data";
const PRINCIPAL = "dddddddd-0000-4000-8000-000000000001";
const ROLE = "/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6";

function urn(type: string, name = "thing"): string {
  return `urn:pulumi:dev::p::azure-native:${type}::${name}`;
}

describe("the stand-in for azure-native", () => {
  const folder = mkdtempSync(join(tmpdir(), "landbridge-providers-"));
  const before = process.env.LANDBRIDGE_EMULATORS;
  let emulators: Emulators;
  let provider: StandIn;

  /** As the engine does it: check, then create. */
  const make = async (type: string, inputs: object, name?: string) => {
    const checked = await provider.check(urn(type, name), {}, inputs);
    if ((checked.failures ?? []).length > 0) throw new Error(JSON.stringify(checked.failures));
    const made = await provider.create(urn(type, name), checked.inputs);
    return { ...made, inputs: checked.inputs as Record<string, unknown> };
  };
  const account = {
    accountName: FABRIKAM.account,
    resourceGroupName: GROUP,
    location: "northeurope",
    kind: "StorageV2",
    sku: { name: "Standard_LRS" },
    minimumTlsVersion: "TLS1_2",
    enableHttpsTrafficOnly: true,
    networkRuleSet: {
      bypass: "None",
      defaultAction: "Deny",
      ipRules: [{ action: "Allow", iPAddressOrRange: "198.51.100.0/24" }],
      virtualNetworkRules: [],
    },
  };

  beforeAll(async () => {
    emulators = await startEmulators({ folder, file: join(folder, "emulators.json") });
    process.env.LANDBRIDGE_EMULATORS = emulators.file;
    provider = azureNative({ subscriptionId, tenantId });
    await make("resources:ResourceGroup", { resourceGroupName: GROUP, location: "northeurope" });
    await make("storage:StorageAccount", account);
  });
  afterAll(async () => {
    await emulators.stop();
    if (before === undefined) delete process.env.LANDBRIDGE_EMULATORS;
    else process.env.LANDBRIDGE_EMULATORS = before;
    rmSync(folder, { recursive: true, force: true });
  });

  it("creates through the management API, under azure-native's names, and reads the same back", async () => {
    const id = `/subscriptions/${subscriptionId}/resourceGroups/${GROUP}`
      + `/providers/Microsoft.Storage/storageAccounts/${FABRIKAM.account}`;
    const { props, id: found } = await provider.read(id, urn("storage:StorageAccount"), {});
    expect(found).toBe(id);
    const { kind, sku, networkRuleSet, minimumTlsVersion, enableHttpsTrafficOnly } = account;
    const expected = { kind, sku, networkRuleSet, minimumTlsVersion, enableHttpsTrafficOnly, name: FABRIKAM.account };
    expect(props).toMatchObject(expected);
    expect(emulators.calls()).toContainEqual({ method: "PUT", path: id, status: 200 });
  });

  it("refuses what is missing, what it does not know, and a type or function it does not know", async () => {
    const check = await provider.check(urn("storage:StorageAccount"), {}, { sku: {}, kind: "StorageV2", surprise: 1 });
    expect(check.failures).toEqual([
      { property: "resourceGroupName", reason: "missing required property 'resourceGroupName'" },
      { property: "surprise", reason: "unknown property 'surprise'" },
    ]);
    await expect(provider.check(urn("sql:Server"), {}, {})).rejects.toThrow("no resource type azure-native:sql:Server");
    await expect(provider.invoke("azure-native:sql:getServer", {})).rejects.toThrow("no function");
  });

  it("refuses to create what is there already", async () => {
    await expect(make("storage:StorageAccount", account)).rejects.toThrow("cannot create already existing resource");
  });

  it("passes on what the management API refuses, in azure-native's words", async () => {
    const networkRuleSet = { defaultAction: "Deny", ipRules: [{ iPAddressOrRange: "10.0.0.1" }] };
    const wrong = { ...account, networkRuleSet };
    const update = provider.update("id", urn("storage:StorageAccount"), {}, wrong);
    await expect(update).rejects.toThrow(/^Status=400 Code="InvalidValuesForRequestParameters"/);
  });

  it("names what has no name, keeps that name, and never reads an unknown as a name", async () => {
    const type = urn("keyvault:Vault", "landbridge");
    const first = await provider.check(type, {}, { resourceGroupName: GROUP, properties: {} });
    const { vaultName } = first.inputs as { vaultName: string };
    expect(vaultName).toMatch(/^landbridge[0-9a-f]{8}$/);
    const second = await provider.check(type, first.inputs, { resourceGroupName: GROUP, properties: {} });
    expect(second.inputs).toMatchObject({ vaultName });
    const unknown = await provider.check(type, {}, { resourceGroupName: GROUP, properties: {}, vaultName: UNKNOWN });
    expect(unknown.inputs).toMatchObject({ vaultName: UNKNOWN });
  });

  it("replaces what cannot change in place, deleting first where the name stays", async () => {
    const table = { accountName: FABRIKAM.account, resourceGroupName: GROUP, tableName: "Cities" };
    const { outs } = await make("storage:Table", table);
    const diff = (news: object) => provider.diff("id", urn("storage:Table"), outs, news);
    expect(await diff(table)).toEqual({});
    expect(await diff({ ...table, signedIdentifiers: [] })).toEqual({});
    const renamed = await diff({ ...table, tableName: "Towns" });
    expect(renamed).toEqual({ changes: true, replaces: ["tableName"], deleteBeforeReplace: false });
    const moved = await diff({ ...table, accountName: "elsewhere" });
    expect(moved).toEqual({ changes: true, replaces: ["accountName"], deleteBeforeReplace: true });
    expect((await diff({ ...table, accountName: UNKNOWN })).replaces).toEqual(["accountName"]);
  });

  it("really creates and deletes tables, the second time too", async () => {
    const table = { accountName: FABRIKAM.account, resourceGroupName: GROUP, tableName: "Passing" };
    const { id } = await make("storage:Table", table);
    expect((await provider.read(id, urn("storage:Table"), {})).id).toBe(id);
    await provider.delete(id, urn("storage:Table"), {});
    await provider.delete(id, urn("storage:Table"), {});
    expect((await provider.read(id, urn("storage:Table"), {})).id).toBe("");
  });

  it("keeps an audit trail and a vault with roles and secrets, and gives no secret back", async () => {
    const common = { resourceGroupName: GROUP, location: "northeurope" };
    const workspace = await make("operationalinsights:Workspace", { ...common, workspaceName: "audit-logs" });
    const resourceUri = `/subscriptions/${subscriptionId}/resourceGroups/${GROUP}`
      + `/providers/Microsoft.Storage/storageAccounts/${FABRIKAM.account}/tableServices/default`;
    const logs = [{ category: "StorageRead", enabled: true }];
    const setting = { name: "audit", resourceUri, workspaceId: workspace.id, logs };
    expect((await make("monitor:DiagnosticSetting", setting)).outs).toMatchObject({ logs, workspaceId: workspace.id });
    const properties = { tenantId, sku: { family: "A", name: "standard" }, enableRbacAuthorization: true };
    const vault = await make("keyvault:Vault", { ...common, properties }, "vault");
    const { vaultName } = vault.inputs;
    const assignment = { scope: vault.id, principalId: PRINCIPAL, roleDefinitionId: ROLE };
    expect((await make("authorization:RoleAssignment", assignment)).outs).toMatchObject({ principalId: PRINCIPAL });
    const value = "sv=2019-02-02&sig=not-to-be-seen";
    const attributes = { enabled: true, expires: 2_000_000_000 };
    const secret = { resourceGroupName: GROUP, vaultName, secretName: "bundle", properties: { attributes, value } };
    const kept = await make("keyvault:Secret", { ...secret, properties: makeSecret(secret.properties) });
    expect(kept.outs).toMatchObject({ properties: { attributes } });
    expect(JSON.stringify([kept.outs, emulators.calls()])).not.toContain("not-to-be-seen");
    await provider.delete(kept.id, urn("keyvault:Secret"), kept.outs);
    expect((await provider.read(kept.id, urn("keyvault:Secret"), {})).id).toBe("");
  });

  it("tells what an account is, its keys as secrets, and who deploys", async () => {
    const args = { accountName: FABRIKAM.account, resourceGroupName: GROUP };
    const found = await provider.invoke("azure-native:storage:getStorageAccount", args);
    expect(found.outputs).toMatchObject({ kind: "StorageV2", name: FABRIKAM.account, location: "northeurope" });
    const [key1] = emulators.destination.keys() ?? [];
    const { outputs } = await provider.invoke("azure-native:storage:listStorageAccountKeys", args);
    const { keys } = outputs as { keys: { value: { keyName: string; value: string }[] } };
    expect(keys).toEqual(makeSecret(keys.value));
    expect(keys.value[0]).toMatchObject({ keyName: "key1", value: key1 });
    const config = await provider.invoke("azure-native:authorization:getClientConfig", {});
    expect(config.outputs).toMatchObject({ subscriptionId, tenantId });
  });

  it("does nothing without a subscription, and reaches nothing of another one", async () => {
    const args = { accountName: FABRIKAM.account, resourceGroupName: GROUP };
    const nobody = azureNative({}).invoke("azure-native:storage:getStorageAccount", args);
    await expect(nobody).rejects.toThrow("No subscription is configured");
    const stranger = azureNative({ subscriptionId: "cccccccc-0000-4000-8000-000000000002" });
    const refused = stranger.invoke("azure-native:storage:getStorageAccount", args);
    await expect(refused).rejects.toThrow('Code="SubscriptionNotFound"');
  });

  it("says how to help itself when no emulators run", async () => {
    process.env.LANDBRIDGE_EMULATORS = join(folder, "nowhere.json");
    try {
      const args = { accountName: FABRIKAM.account, resourceGroupName: GROUP };
      const call = provider.invoke("azure-native:storage:getStorageAccount", args);
      await expect(call).rejects.toThrow("Start the emulators");
    } finally {
      process.env.LANDBRIDGE_EMULATORS = emulators.file;
    }
    expect(readFileSync(emulators.file, "utf8")).toContain(emulators.management);
  });
});
