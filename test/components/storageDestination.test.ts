import { Provider } from "@pulumi/azure-native/provider";
import * as pulumi from "@pulumi/pulumi";
import { StorageDestination, type StorageDestinationArgs } from "../../components/azure/storageDestination";
import { record, valueOf } from "./recorder";

const ACCOUNT = {
  kind: "azure",
  tenantId: "bbbbbbbb-0000-4000-8000-000000000001",
  subscriptionId: "bbbbbbbb-0000-4000-8000-000000000002",
  resourceGroup: "fabrikam-data",
  account: "fabrikamtables",
} as const;

const BASE = { account: ACCOUNT, location: "northeurope" };

class Dependant extends pulumi.CustomResource {}

async function declare(args: Partial<StorageDestinationArgs> = {}, opts?: pulumi.ComponentResourceOptions) {
  const made: StorageDestination[] = [];
  const recording = await record(() => made.push(new StorageDestination("dest", { ...BASE, ...args }, opts)));
  return { recording, component: made[0] as StorageDestination };
}

describe("StorageDestination", () => {
  test("declares group, account, workspace and audit trail, named after it and below it", async () => {
    const { recording } = await declare();
    const component = recording.one("landbridge:azure:StorageDestination");
    const children = recording.resources.filter(({ parent }) => parent === component.urn);
    expect(children.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([
      "azure-native:monitor:DiagnosticSetting dest-audit",
      "azure-native:operationalinsights:Workspace dest-logs",
      "azure-native:resources:ResourceGroup dest-group",
      "azure-native:storage:StorageAccount dest-account",
    ]);
    expect(recording.resources).toHaveLength(5);
  });

  test("closes the account but for its permanent ranges, and refuses old TLS, HTTP and public blobs", async () => {
    const subnet = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n";
    const permanentIpRanges = ["198.51.100.0/24", "203.0.113.8/31", "203.0.113.7/32", "203.0.113.8"];
    const { recording } = await declare({ permanentIpRanges, permanentSubnetIds: [subnet] });
    const rule = (iPAddressOrRange: string) => ({ action: "Allow", iPAddressOrRange });
    expect(recording.one(":StorageAccount").inputs).toEqual({
      accountName: "fabrikamtables",
      resourceGroupName: "fabrikam-data",
      location: "northeurope",
      kind: "StorageV2",
      sku: { name: "Standard_ZRS" },
      minimumTlsVersion: "TLS1_2",
      enableHttpsTrafficOnly: true,
      allowBlobPublicAccess: false,
      allowCrossTenantReplication: false,
      allowSharedKeyAccess: true,
      publicNetworkAccess: "Enabled",
      networkRuleSet: {
        bypass: "None",
        defaultAction: "Deny",
        // The service refuses /31 and /32; the same address twice is one rule.
        ipRules: ["198.51.100.0/24", "203.0.113.8", "203.0.113.9", "203.0.113.7"].map(rule),
        virtualNetworkRules: [{ action: "Allow", virtualNetworkResourceId: subnet }],
      },
    });
  });

  test("sends table reads, writes and deletes to the workspace it made", async () => {
    const { recording } = await declare();
    expect(recording.one(":DiagnosticSetting").inputs).toEqual({
      name: "landbridge-audit",
      resourceUri: "/ids/dest-account/tableServices/default",
      workspaceId: "/ids/dest-logs",
      logs: ["StorageRead", "StorageWrite", "StorageDelete"].map((category) => ({ category, enabled: true })),
    });
    const workspace = { workspaceName: "fabrikamtables-logs", retentionInDays: 90 };
    expect(recording.one(":Workspace").inputs).toMatchObject(workspace);
  });

  test("uses the workspace it is given and makes none", async () => {
    const { recording, component } = await declare({ workspaceId: "/workspaces/theirs" });
    expect(recording.all(":Workspace")).toEqual([]);
    expect(recording.one(":DiagnosticSetting").inputs["workspaceId"]).toBe("/workspaces/theirs");
    expect(await valueOf(component.workspaceId as pulumi.Output<string>)).toBe("/workspaces/theirs");
  });

  test("retains all it made when it is destroyed, and protects nothing, since that blocks a teardown", async () => {
    const { recording } = await declare();
    const children = recording.resources.filter(({ custom, type }) => custom && !type.startsWith("pulumi:providers"));
    expect(children).toHaveLength(4);
    expect(children.filter(({ retainOnDelete }) => !retainOnDelete)).toEqual([]);
    expect(recording.resources.filter(({ protect }) => protect)).toEqual([]);
    // The component holds nothing; the option on it would be inherited by children that are not to be kept.
    expect(recording.one(":StorageDestination").retainOnDelete).toBe(false);
  });

  test("lets everything go with destroyDestination", async () => {
    const { recording } = await declare({ destroyDestination: true });
    expect(recording.resources.filter(({ retainOnDelete }) => retainOnDelete)).toEqual([]);
  });

  test("neither makes nor keeps a resource group that is there already", async () => {
    const { recording, component } = await declare({ existing: "resourceGroup" });
    expect(recording.all(":ResourceGroup")).toEqual([]);
    expect(recording.one(":StorageAccount").inputs["resourceGroupName"]).toBe("fabrikam-data");
    expect(await valueOf(component.resourceGroupName)).toBe("fabrikam-data");
  });

  test("declares nothing of an account that is there already, and only looks at it", async () => {
    const { recording, component } = await declare({ existing: "account" });
    expect(recording.resources.filter(({ custom }) => custom)).toEqual([]);
    expect(await valueOf(component.account)).toEqual(ACCOUNT);
    expect(recording.calls.map(({ token, inputs }) => [token, inputs as object])).toEqual([
      ["azure-native:storage:getStorageAccount", { accountName: "fabrikamtables", resourceGroupName: "fabrikam-data" }],
    ]);
  });

  test("gives every child the provider of its side", async () => {
    const recording = await record(() => {
      const provider = new Provider("fabrikam", { subscriptionId: "s" });
      return new StorageDestination("dest", BASE, { provider });
    });
    const provider = recording.one("pulumi:providers:azure-native");
    const children = recording.resources.filter(({ type }) => type.startsWith("azure-native:"));
    expect(children).toHaveLength(4);
    for (const child of children) expect(child.provider).toBe(`${provider.urn}::/ids/fabrikam`);
  });

  test("makes account and group known in a preview, and dependants wait for the account", async () => {
    const made: { component?: StorageDestination } = {};
    const recording = await record(
      () => {
        made.component = new StorageDestination("dest", BASE);
        return new Dependant("test:index:Dependant", "dependant", { account: made.component.account });
      },
      { preview: true },
    );
    expect(await valueOf((made.component as StorageDestination).account)).toEqual(ACCOUNT);
    const account = recording.one(":StorageAccount");
    expect(account.dependencies).toEqual([recording.one(":ResourceGroup").urn]);
    expect(recording.one(":Dependant").dependencies).toEqual([account.urn]);
    expect(recording.one(":Dependant").inputs["account"]).toEqual(ACCOUNT);
  });

  test("hands aliases on, so that a component can be renamed in a program of one's own", async () => {
    const { recording } = await declare({}, { aliases: [{ name: "old" }] });
    expect(recording.one(":StorageDestination").aliases.join()).toContain("old");
  });

  test("refuses a permanent range that no rule can hold, with the range and the reason", () => {
    const range = (text: string) => () =>
      new StorageDestination("dest", { ...BASE, permanentIpRanges: [text] });
    expect(range("10.0.0.1")).toThrow(/"10.0.0.1" is private/);
    expect(range("2001:db8::1")).toThrow(/2001:db8::1 is IPv6/);
    expect(range("nonsense")).toThrow(/"nonsense" is neither/);
  });
});
