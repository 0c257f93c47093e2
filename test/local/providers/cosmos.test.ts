import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CONTOSO, FABRIKAM_COSMOS, startEmulators, type Emulators } from "../../../local/emulators";
import { azureNative } from "../../../local/providers/azureNative";
import type { StandIn } from "../../../local/providers/standIn";
import { startSimulatedCosmos } from "../../simulated/cosmosService";

const { subscriptionId, tenantId, resourceGroup: resourceGroupName, account: accountName } = FABRIKAM_COSMOS;
const PRINCIPAL = "cccccccc-0000-4000-8000-000000000001";
const ACCOUNT_ID = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}`
  + `/providers/Microsoft.DocumentDB/databaseAccounts/${accountName}`;

describe("the stand-ins for Cosmos DB and what surrounds it", () => {
  const folder = mkdtempSync(join(tmpdir(), "landbridge-cosmos-providers-"));
  const before = process.env.LANDBRIDGE_EMULATORS;
  let emulators: Emulators;
  let provider: StandIn;

  const urn = (type: string) => `urn:pulumi:dev::p::azure-native:${type}::thing`;
  /** As the engine does it: check, then create. */
  const make = async (type: string, inputs: object) => {
    const checked = await provider.check(urn(type), {}, { resourceGroupName, ...inputs });
    if ((checked.failures ?? []).length > 0) throw new Error(JSON.stringify(checked.failures));
    const made = await provider.create(urn(type), checked.inputs);
    return { ...made, inputs: checked.inputs as Record<string, unknown> };
  };
  const account = {
    accountName,
    location: "northeurope",
    databaseAccountOfferType: "Standard",
    capabilities: [{ name: "EnableTable" }],
    locations: [{ locationName: "northeurope", failoverPriority: 0, isZoneRedundant: false }],
    consistencyPolicy: { defaultConsistencyLevel: "BoundedStaleness", maxStalenessPrefix: 10, maxIntervalInSeconds: 5 },
    disableLocalAuth: true,
  };
  const table = (name: string, maxThroughput: number) => ({
    accountName, tableName: name, resource: { id: name }, options: { autoscaleSettings: { maxThroughput } },
  });

  beforeAll(async () => {
    const accounts = [CONTOSO, FABRIKAM_COSMOS];
    const file = join(folder, "emulators.json");
    emulators = await startEmulators({ folder, file, accounts, startCosmos: startSimulatedCosmos });
    process.env.LANDBRIDGE_EMULATORS = emulators.file;
    provider = azureNative({ subscriptionId, tenantId });
    await make("resources:ResourceGroup", { location: "northeurope" });
    await make("cosmosdb:DatabaseAccount", account);
  });
  afterAll(async () => {
    await emulators.stop();
    if (before === undefined) delete process.env.LANDBRIDGE_EMULATORS;
    else process.env.LANDBRIDGE_EMULATORS = before;
    rmSync(folder, { recursive: true, force: true });
  });

  it("lowers autoscale to a tenth of the highest maximum ever set, and no further", async () => {
    const { id, outs } = await make("cosmosdb:TableResourceTable", table("Cities", 20_000));
    const lower = (ru: number) =>
      provider.update(id, urn("cosmosdb:TableResourceTable"), outs, { resourceGroupName, ...table("Cities", ru) });
    await expect(lower(1_000)).rejects.toThrow(/the minimum is 2000, a tenth of the highest ever set \(20000\)/);
    await lower(2_000);
    expect(emulators.resource(id)?.properties["options"]).toMatchObject({ maxThroughput: 2_000 });
    await expect(make("cosmosdb:TableResourceTable", table("Towns", 1_500))).rejects.toThrow(/no multiple of 1000/);
  });

  it.each([
    ["another API's capability", { capabilities: [] }, /capability EnableTable is missing/],
    ["a private address in the firewall", { ipRules: [{ ipAddressOrRange: "10.0.0.1" }] }, /Invalid IP address/],
    ["too little staleness for two regions", {
      locations: [...account.locations, { locationName: "westeurope", failoverPriority: 1 }],
    }, /2 region\(s\) needs maxStalenessPrefix 100000/],
    ["a gap among priorities", {
      locations: [{ locationName: "northeurope", failoverPriority: 1 }],
    }, /without a gap/],
  ])("refuses an account with %s", async (_, change, message) => {
    const news = { resourceGroupName, ...account, ...change };
    await expect(provider.update(ACCOUNT_ID, urn("cosmosdb:DatabaseAccount"), {}, news)).rejects.toThrow(message);
  });

  it("replaces an account whose name or region changes, and changes its settings in place", async () => {
    const olds = { __identity: { accountName, location: "northeurope", resourceGroupName } };
    const diff = (news: object) =>
      provider.diff(ACCOUNT_ID, urn("cosmosdb:DatabaseAccount"), olds, { resourceGroupName, ...account, ...news });
    expect(await diff({ location: "westeurope" })).toMatchObject({ replaces: ["location"] });
    expect(await diff({ disableLocalAuth: false })).toEqual({});
  });

  it("gives roles of the account alone, to principals alone", async () => {
    const role = (last: string) => `${ACCOUNT_ID}/tableRoleDefinitions/00000000-0000-0000-0000-${last}`;
    const assignment = { accountName, principalId: PRINCIPAL, scope: ACCOUNT_ID };
    const type = "cosmosdb:TableResourceTableRoleAssignment";
    const { id } = await make(type, { ...assignment, roleDefinitionId: role("000000000002") });
    expect(emulators.resource(id)?.properties).toMatchObject({ principalId: PRINCIPAL });
    const stranger = { ...assignment, roleDefinitionId: role("000000000009") };
    await expect(make(type, stranger)).rejects.toThrow(/none of this account's/);
    const nobody = { ...assignment, principalId: "me", roleDefinitionId: role("000000000001") };
    await expect(make(type, nobody)).rejects.toThrow(/principalId is a GUID/);
  });

  it("knows an account's metrics, and no others", async () => {
    const alert = (metricName: string, timeAggregation: string) => ({
      ruleName: `on-${metricName}-${timeAggregation}`, location: "global", enabled: true, severity: 2,
      scopes: [ACCOUNT_ID],
      evaluationFrequency: "PT1M", windowSize: "PT5M",
      criteria: {
        odataType: "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
        allOf: [{
          criterionType: "StaticThresholdCriterion", name: "x", metricName, timeAggregation, operator: "GreaterThan",
          threshold: 1,
        }],
      },
    });
    await make("monitor:MetricAlert", alert("TotalRequests", "Count"));
    await expect(make("monitor:MetricAlert", alert("Requests", "Count"))).rejects.toThrow(/metric named Requests/);
    await expect(make("monitor:MetricAlert", alert("TotalRequests", "Maximum"))).rejects.toThrow(/aggregated by Count/);
  });

  it("refuses a property that azure-native does not have, and a job whose parts do not fit together", async () => {
    const check = await provider.check(urn("app:Job"), {}, { resourceGroupName, cron: "* * * * *" });
    expect(check.failures).toEqual([{ property: "cron", reason: "unknown property 'cron'" }]);
    const environment = await make("app:ManagedEnvironment", { environmentName: "jobs", location: "northeurope" });
    const job = (cronExpression: string, secretRef: string) => ({
      jobName: "mover", location: "northeurope", environmentId: environment.id,
      configuration: { triggerType: "Schedule", replicaTimeout: 60, scheduleTriggerConfig: { cronExpression } },
      template: { containers: [{ name: "mover", image: "r/x:1", env: [{ name: "A", secretRef }] }] },
    });
    await expect(make("app:Job", job("every minute", "a"))).rejects.toThrow(/cron expression 'every minute'/);
    await expect(make("app:Job", job("*/5 * * * *", "a"))).rejects.toThrow(/A refers to no secret/);
  });
});
