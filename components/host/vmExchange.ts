import * as authorization from "@pulumi/azure-native/authorization";
import * as monitor from "@pulumi/azure-native/monitor";
import * as storage from "@pulumi/azure-native/storage";
import * as pulumi from "@pulumi/pulumi";
import { deployerType } from "../azure/deployer";
import { firewallRanges } from "../azure/firewallRanges";

export interface VmExchangeArgs {
  readonly resourceGroupName: pulumi.Input<string>;
  readonly location: string;
  readonly subscriptionId: string;
  /** Public IPv4 addresses and CIDR ranges of those who deploy: they bring files, and fetch reports. */
  readonly ipRanges: readonly string[];
  /** Subnets of those who deploy, and the machine's. */
  readonly subnetIds: readonly pulumi.Input<string>[];
  /** Object id of the machine's identity. */
  readonly principalId: pulumi.Input<string>;
  /** Blob name -> absolute path of the file to bring. */
  readonly files: Readonly<Record<string, string>>;
  /** Log Analytics workspace of the audit trail; absent: there is none. */
  readonly workspaceId: pulumi.Input<string> | undefined;
}

/** The one container; a handler reads reports from a container of this name only. */
const CONTAINER = "landbridge";
/** Built-in roles, the same in every tenant: Storage Blob Data Contributor, and Storage Blob Data Reader. */
const ROLES = {
  machine: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
  deployer: "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
} as const;

/**
 * A small storage account between whoever deploys and a machine that copies: landbridge goes there, reports come back.
 * No row and no credential is ever in it. It goes with the machine.
 */
export class VmExchange extends pulumi.ComponentResource {
  /** Address of the container, without trailing slash. Waits until the account is there. */
  readonly address: pulumi.Output<string>;
  /** What has to be there before the machine is told anything. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: VmExchangeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("landbridge:host:VmExchange", name, {}, opts);
    const { resourceGroupName, subscriptionId, files } = args;
    const account = this.account(args);
    this.auditTrail(name, account, args);
    const at = { resourceGroupName, accountName: account.name };
    const container = new storage.BlobContainer(
      `${name}-container`,
      { ...at, containerName: CONTAINER, publicAccess: "None" },
      { parent: this },
    );
    const roles = `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions`;
    const deployer = authorization.getClientConfigOutput({ parent: this });
    const principals = {
      machine: { principalId: args.principalId, principalType: "ServicePrincipal" },
      deployer: { principalId: deployer.objectId, principalType: deployer.clientId.apply(deployerType) },
    };
    const granted = (["machine", "deployer"] as const).map((who) => new authorization.RoleAssignment(
      `${name}-${who}`,
      { scope: container.id, ...principals[who], roleDefinitionId: `${roles}/${ROLES[who]}` },
      { parent: this },
    ));
    const brought = Object.entries(files).map(([blobName, path]) => new storage.Blob(
      `${name}-${blobName}`,
      { ...at, containerName: container.name, blobName, type: "Block", source: new pulumi.asset.FileAsset(path) },
      { parent: this, dependsOn: granted },
    ));
    this.address = pulumi.interpolate`https://${account.name}.blob.core.windows.net/${CONTAINER}`;
    this.ready = [...granted, ...brought];
    this.registerOutputs({ address: this.address });
  }

  private auditTrail(name: string, account: storage.StorageAccount, { workspaceId }: VmExchangeArgs): void {
    if (workspaceId === undefined) return;
    new monitor.DiagnosticSetting(
      `${name}-audit`,
      {
        name: "landbridge-audit",
        resourceUri: pulumi.interpolate`${account.id}/blobServices/default`,
        workspaceId,
        logs: ["StorageRead", "StorageWrite", "StorageDelete"].map((category) => ({ category, enabled: true })),
      },
      { parent: this },
    );
  }

  private account({ resourceGroupName, location, ipRanges, subnetIds }: VmExchangeArgs): storage.StorageAccount {
    const ranges = firewallRanges("environment.ipRanges", ipRanges);
    return new storage.StorageAccount(
      // azure-native appends eight characters, and the name may have 24: lower-case letters and digits.
      "landbridgehost",
      {
        resourceGroupName,
        location,
        kind: storage.Kind.StorageV2,
        sku: { name: storage.SkuName.Standard_LRS },
        minimumTlsVersion: storage.MinimumTlsVersion.TLS1_2,
        enableHttpsTrafficOnly: true,
        allowBlobPublicAccess: false,
        allowCrossTenantReplication: false,
        // azure-native brings files with a key that it asks Azure for; nobody else gets one.
        allowSharedKeyAccess: true,
        publicNetworkAccess: storage.PublicNetworkAccess.Enabled,
        networkRuleSet: {
          bypass: "None",
          defaultAction: "Deny",
          ipRules: ranges.map((iPAddressOrRange) => ({ action: "Allow" as const, iPAddressOrRange })),
          virtualNetworkRules: subnetIds.map((virtualNetworkResourceId) => ({
            action: "Allow" as const,
            virtualNetworkResourceId,
          })),
        },
      },
      { parent: this },
    );
  }
}
