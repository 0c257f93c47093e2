import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { CosmosDestination, type CosmosDestinationArgs } from "../../components/azure/cosmosDestination";
import { refuseCosmosAccount } from "../../components/azure/existingCosmosAccount";
import { describeThroughputCost, throughputCostText } from "../../components/azure/cosmosCost";
import { lowestThroughputAfter, refuseThroughput } from "../../components/azure/cosmosThroughput";
import { stableGuid } from "../../components/azure/stableGuid";
import { readPrices } from "../../migration/run/priceFile";
import type { Prices } from "../../migration/run/prices";
import { priceFile } from "../cli/priceFile";
import { record, valueOf } from "./recorder";

const ACCOUNT = {
  kind: "azure",
  service: "cosmos",
  tenantId: "bbbbbbbb-0000-4000-8000-000000000001",
  subscriptionId: "bbbbbbbb-0000-4000-8000-000000000002",
  resourceGroup: "fabrikam-data",
  account: "fabrikam-tables",
} as const;

const TABLES = [{ name: "Cities", copyThroughput: 20_000, steadyThroughput: 2_000 }];
const BASE = { account: ACCOUNT, location: "northeurope", tables: TABLES };
const PRINCIPAL = "cccccccc-0000-4000-8000-000000000001";
const SUBNET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n";

async function pricesOf(...change: Parameters<typeof priceFile>): Promise<Prices> {
  const folder = mkdtempSync(join(tmpdir(), "landbridge-prices-"));
  writeFileSync(join(folder, "prices.json"), priceFile(...change));
  try {
    return await readPrices(join(folder, "prices.json"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function declare(args: Partial<CosmosDestinationArgs> = {}, answers: Parameters<typeof record>[1] = {}) {
  const made: CosmosDestination[] = [];
  const recording = await record(() => made.push(new CosmosDestination("dest", { ...BASE, ...args })), answers);
  return { recording, component: made[0] as CosmosDestination };
}

describe("CosmosDestination", () => {
  test("declares account, table, logs and three alerts, named after it and below it", async () => {
    const { recording } = await declare();
    const component = recording.one("landbridge:azure:CosmosDestination");
    const children = recording.resources.filter(({ parent }) => parent === component.urn);
    expect(children.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([
      "azure-native:cosmosdb:DatabaseAccount dest-account",
      "azure-native:cosmosdb:TableResourceTable dest-table-Cities",
      "azure-native:monitor:DiagnosticSetting dest-audit",
      "azure-native:monitor:MetricAlert dest-hot-partition",
      "azure-native:monitor:MetricAlert dest-throttled",
      "azure-native:monitor:ScheduledQueryRule dest-partition-size",
      "azure-native:operationalinsights:Workspace dest-logs",
      "azure-native:resources:ResourceGroup dest-group",
    ]);
    expect(recording.resources).toHaveLength(9);
  });

  test("makes an account for tables without keys, closed but for its networks, with continuous backup", async () => {
    const permanentIpRanges = ["198.51.100.0/24", "203.0.113.7/32", "203.0.113.7"];
    const { recording } = await declare({ permanentIpRanges, permanentSubnetIds: [SUBNET], zoneRedundant: true });
    expect(recording.one(":DatabaseAccount").inputs).toEqual({
      accountName: "fabrikam-tables",
      resourceGroupName: "fabrikam-data",
      location: "northeurope",
      kind: "GlobalDocumentDB",
      databaseAccountOfferType: "Standard",
      capabilities: [{ name: "EnableTable" }],
      consistencyPolicy: {
        defaultConsistencyLevel: "BoundedStaleness",
        maxStalenessPrefix: 10,
        maxIntervalInSeconds: 5,
      },
      createMode: "Default",
      locations: [{ locationName: "northeurope", failoverPriority: 0, isZoneRedundant: true }],
      enableAutomaticFailover: false,
      enableMultipleWriteLocations: false,
      backupPolicy: { type: "Continuous", continuousModeProperties: { tier: "Continuous7Days" } },
      disableLocalAuth: true,
      disableKeyBasedMetadataWriteAccess: true,
      minimalTlsVersion: "Tls12",
      publicNetworkAccess: "Enabled",
      networkAclBypass: "None",
      ipRules: [{ ipAddressOrRange: "198.51.100.0/24" }, { ipAddressOrRange: "203.0.113.7" }],
      isVirtualNetworkFilterEnabled: true,
      virtualNetworkRules: [{ id: SUBNET, ignoreMissingVNetServiceEndpoint: false }],
    });
  });

  test("stays shut to everybody where no network is named, since an account without a filter is open", async () => {
    const { recording } = await declare();
    const { isVirtualNetworkFilterEnabled, ipRules, virtualNetworkRules } = recording.one(":DatabaseAccount").inputs;
    expect([isVirtualNetworkFilterEnabled, ipRules, virtualNetworkRules]).toEqual([true, [], []]);
  });

  test("lets further regions take over in their order, and widens the staleness as several regions ask", async () => {
    const regions = [{ location: "westeurope" }, { location: "uksouth", zoneRedundant: true }];
    const { recording } = await declare({ regions });
    expect(recording.one(":DatabaseAccount").inputs).toMatchObject({
      enableAutomaticFailover: true,
      consistencyPolicy: { maxStalenessPrefix: 100_000, maxIntervalInSeconds: 300 },
      locations: [
        { locationName: "northeurope", failoverPriority: 0, isZoneRedundant: false },
        { locationName: "westeurope", failoverPriority: 1, isZoneRedundant: false },
        { locationName: "uksouth", failoverPriority: 2, isZoneRedundant: true },
      ],
    });
  });

  test("raises throughput for the copy and lowers it after, and says how low it can go", async () => {
    const copying = await declare();
    expect(copying.recording.one(":TableResourceTable").inputs).toEqual({
      tableName: "Cities",
      accountName: "fabrikam-tables",
      resourceGroupName: "fabrikam-data",
      resource: { id: "Cities" },
      options: { autoscaleSettings: { maxThroughput: 20_000 } },
    });
    expect(copying.component.throughput).toContain("set now: copy. It cannot be lowered below a tenth");
    const { recording, component } = await declare({ throughput: "steady" });
    const { options } = recording.one(":TableResourceTable").inputs;
    expect(options).toEqual({ autoscaleSettings: { maxThroughput: 2_000 } });
    expect(component.throughput).toContain("set now: steady");
  });

  test("refuses a steady throughput that the service would refuse after the copy", () => {
    expect(lowestThroughputAfter(20_000)).toBe(2_000);
    expect(lowestThroughputAfter(25_000)).toBe(3_000);
    const [reason] = refuseThroughput({ name: "Cities", copyThroughput: 20_000, steadyThroughput: 1_000 });
    expect(reason).toMatch(/steadyThroughput 1000 of table Cities.*Raise .* to 2000, or lower.* to 10000/);
    expect(refuseThroughput({ name: "C", copyThroughput: 1_500, steadyThroughput: 400 })).toHaveLength(2);
    const tables = [{ name: "Cities", copyThroughput: 20_000, steadyThroughput: 1_000 }];
    expect(() => new CosmosDestination("dest", { ...BASE, tables })).toThrow(/a tenth of the highest maximum/);
  });

  test("tells by the price file what throughput costs in all regions, idle to busy, and a GB a month", async () => {
    const plan = { copyThroughput: 20_000, steadyThroughput: 2_000, regions: 2 };
    const prices = await pricesOf((one) => ({ ...one, amount: 0.01 }));
    const told = throughputCostText(plan, prices);
    expect(told).toMatch(/0\.40 EUR to 4\.00 EUR an hour while copying, 0\.04 EUR to 0\.40 EUR after.* 2 region/);
    expect(told).toMatch(/0\.02 EUR for a GB a month/);
    expect(throughputCostText(plan, undefined)).toMatch(/is not known: no price file is given \(`prices`/);
  });

  test.each(["destination.throughput", "destination.storage"])("takes no %s for nothing", async (meter) => {
    const prices = await pricesOf((one) => (one["meter"] === meter ? undefined : one));
    expect(() => throughputCostText({ copyThroughput: 1_000, steadyThroughput: 1_000 }, prices))
      .toThrow(expect.objectContaining({ code: "PriceUnknown", message: expect.stringContaining(meter) as string }));
  });

  test("fails the program for a price file that is not there, by the key that names it", async () => {
    await expect(describeThroughputCost({}, "no-such-file.yaml"))
      .rejects.toThrow(/^landbridge:migration\.prices: .*no-such-file\.yaml cannot be read/);
  });

  test("alerts on refused requests, on each hot physical partition and on large logical partitions", async () => {
    const { recording } = await declare({ alerts: { actionGroupIds: ["/ag"], normalisedRuPercentMax: 80 } });
    const criteria = (name: string) =>
      (recording.one(":MetricAlert", name).inputs["criteria"] as { allOf: object[] }).allOf[0];
    expect(criteria("dest-throttled")).toMatchObject({
      metricName: "TotalRequests",
      timeAggregation: "Count",
      threshold: 100,
      dimensions: [{ name: "StatusCode", operator: "Include", values: ["429"] }],
    });
    expect(criteria("dest-hot-partition")).toMatchObject({
      metricName: "NormalizedRUConsumption",
      timeAggregation: "Maximum",
      threshold: 80,
      dimensions: [{ name: "PartitionKeyRangeId", operator: "Include", values: ["*"] }],
    });
    expect(recording.one(":MetricAlert", "dest-throttled").inputs["actions"]).toEqual([{ actionGroupId: "/ag" }]);
    const rule = recording.one(":ScheduledQueryRule").inputs as { criteria: { allOf: { query: string }[] } };
    expect(rule.criteria.allOf[0]?.query).toContain(`Kb >= ${16 * 1024 * 1024}`);
    expect(rule).toMatchObject({ scopes: ["/ids/dest-logs"], actions: { actionGroups: ["/ag"] } });
  });

  test("logs requests, their cost and partition sizes to the workspace, each kind in a table of its own", async () => {
    const { recording } = await declare();
    expect(recording.one(":DiagnosticSetting").inputs).toMatchObject({
      resourceUri: "/ids/dest-account",
      workspaceId: "/ids/dest-logs",
      logAnalyticsDestinationType: "Dedicated",
    });
    const logs = recording.one(":DiagnosticSetting").inputs["logs"] as { category: string }[];
    const categories = logs.map(({ category }) => category);
    expect(categories).toEqual(expect.arrayContaining(["PartitionKeyStatistics", "TableApiRequests"]));
  });

  test("gives an application the data-plane role for tables, under a name that is the same in every run", async () => {
    const granted = async () => {
      const { recording } = await declare({ principals: [{ principalId: PRINCIPAL, role: "contributor" }] });
      return recording.one(":TableResourceTableRoleAssignment").inputs;
    };
    const [one, other] = [await granted(), await granted()];
    expect(one).toEqual({
      accountName: "fabrikam-tables",
      resourceGroupName: "fabrikam-data",
      principalId: PRINCIPAL,
      roleDefinitionId: "/ids/dest-account/tableRoleDefinitions/00000000-0000-0000-0000-000000000002",
      roleAssignmentId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      scope: "/ids/dest-account",
    });
    expect(other).toEqual(one);
    expect(stableGuid("a", "bc")).not.toBe(stableGuid("ab", "c"));
  });

  test("makes a private way in, with a zone that makes the account's own name lead to it", async () => {
    const privateEndpoint = { subnetId: SUBNET, virtualNetworkId: "/vnet" };
    const { recording } = await declare({ privateEndpoint, publicNetworkAccess: "disabled" });
    expect(recording.one(":DatabaseAccount").inputs["publicNetworkAccess"]).toBe("Disabled");
    expect(recording.one(":PrivateEndpoint").inputs["privateLinkServiceConnections"]).toEqual([
      { name: "fabrikam-tables-table", privateLinkServiceId: "/ids/dest-account", groupIds: ["Table"] },
    ]);
    expect(recording.one(":PrivateZone").inputs["privateZoneName"]).toBe("privatelink.table.cosmos.azure.com");
    expect(recording.one(":VirtualNetworkLink").inputs["virtualNetwork"]).toEqual({ id: "/vnet" });
    const own = await declare({ privateEndpoint: { subnetId: SUBNET, privateDnsZoneId: "/zone" } });
    expect(own.recording.all(":PrivateZone")).toEqual([]);
    expect(own.recording.one(":PrivateDnsZoneGroup").inputs["privateDnsZoneConfigs"])
      .toEqual([{ name: "privatelink-table-cosmos-azure-com", privateDnsZoneId: "/zone" }]);
  });

  test("retains all it made when it is destroyed, unless destroyDestination was applied before", async () => {
    const { recording } = await declare();
    const custom = recording.resources.filter((each) => each.custom);
    expect(custom).toHaveLength(8);
    expect(custom.filter(({ retainOnDelete }) => !retainOnDelete)).toEqual([]);
    const going = await declare({ destroyDestination: true });
    expect(going.recording.resources.filter(({ retainOnDelete }) => retainOnDelete)).toEqual([]);
  });

  test("makes the account's names known in a preview, and dependants wait for account and tables", async () => {
    class Dependant extends pulumi.CustomResource {}
    const recording = await record(
      () => {
        const { account } = new CosmosDestination("dest", BASE);
        return new Dependant("test:index:Dependant", "dependant", { account });
      },
      { preview: true },
    );
    const dependant = recording.one(":Dependant");
    expect(dependant.inputs["account"]).toEqual(ACCOUNT);
    expect([...dependant.dependencies].sort())
      .toEqual([recording.one(":DatabaseAccount").urn, recording.one(":TableResourceTable").urn].sort());
  });

  test("declares nothing of an account that is there already, and only looks at it", async () => {
    const facts = { id: "/theirs", capabilities: [{ name: "EnableTable" }] };
    const calls = { "azure-native:cosmosdb:getDatabaseAccount": facts };
    const { recording, component } = await declare({ existing: "account" }, { calls });
    expect(recording.resources.filter(({ custom }) => custom)).toEqual([]);
    expect(await valueOf(component.accountId)).toBe("/theirs");
    expect(await valueOf(component.account)).toEqual(ACCOUNT);
  });

  test("refuses an account for another API, and keys where the account takes none", () => {
    const args = { account: ACCOUNT, localAuth: true };
    expect(refuseCosmosAccount(args, { capabilities: [{ name: "EnableTable" }] })).toEqual([]);
    expect(refuseCosmosAccount(args, {}).join()).toMatch(/fabrikam-tables.*another API than Table/);
    const facts = { capabilities: [{ name: "EnableTable" }], disableLocalAuth: true };
    expect(refuseCosmosAccount(args, facts).join()).toMatch(/set destination.localAuth to false/);
    expect(refuseCosmosAccount({ ...args, localAuth: false }, facts)).toEqual([]);
  });

  test("refuses an account without public access, but for who has a private endpoint of it", async () => {
    const facts = { id: "/theirs", capabilities: [{ name: "EnableTable" }], publicNetworkAccess: "Disabled" };
    expect(refuseCosmosAccount({ account: ACCOUNT, localAuth: false }, facts))
      .toEqual([expect.stringMatching(/fabrikam-tables.*public network access is disabled: enable it/)]);
    const calls = { "azure-native:cosmosdb:getDatabaseAccount": facts };
    const settings = { existing: "account", publicNetworkAccess: "disabled" } as const;
    const { component } = await declare(settings, { calls });
    expect(await valueOf(component.accountId)).toBe("/theirs");
  });

  test("refuses a permanent range that no rule can hold, with the range and the reason", () => {
    const make = () => new CosmosDestination("dest", { ...BASE, permanentIpRanges: ["10.0.0.1"] });
    expect(make).toThrow(/"10.0.0.1" is private/);
  });
});
