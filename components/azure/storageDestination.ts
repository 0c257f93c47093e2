import * as monitor from "@pulumi/azure-native/monitor";
import * as storage from "@pulumi/azure-native/storage";
import * as pulumi from "@pulumi/pulumi";
import type { AccountRef } from "../../migration/access/accountRef";
import { destinationGroup, destinationWorkspace } from "./destinationGround";
import { ExistingAccount } from "./existingAccount";
import { firewallRanges } from "./firewallRanges";
import { tableEndpoint, type AccountFacts } from "./sharedKeys";
import { tablePrivateEndpoint, type PrivateEndpointSettings } from "./tablePrivateEndpoint";

export interface StorageDestinationArgs {
  /** Names of the account, its resource group, subscription and tenant. */
  readonly account: AccountRef;
  /** Azure region, such as `westeurope`. */
  readonly location: string;
  /** What is there already, and is used as it is; with `account`, nothing is made or changed. Default nothing. */
  readonly existing?: "nothing" | "resourceGroup" | "account";
  /** Kind of redundancy. Default `Standard_ZRS`. */
  readonly sku?: string;
  /** Whether account keys, and the SAS they sign, are accepted. Default true: a migration signs with one. */
  readonly sharedKeyAccess?: boolean;
  /** With `existing: account`: what a look at it showed before. */
  readonly facts?: AccountFacts;
  /** disabled: only private endpoints lead to it. Default enabled, from the networks that are named. */
  readonly publicNetworkAccess?: "enabled" | "disabled";
  readonly privateEndpoint?: PrivateEndpointSettings;
  /** Public IPv4 addresses and CIDR ranges that stay open; everything else is refused. */
  readonly permanentIpRanges?: readonly string[];
  /** Subnets (with a service endpoint for storage) that stay open. */
  readonly permanentSubnetIds?: readonly string[];
  /** Log Analytics workspace of the audit trail; by default one is made. */
  readonly workspaceId?: pulumi.Input<string>;
  /** How long a workspace made here keeps logs, in days, 30 to 730. Default 90. */
  readonly logRetentionDays?: number;
  /**
   * Whether a destroy deletes account, tables and logs. Default false: they stay, unmanaged. Pulumi reads this from
   * state, so it counts only once it was applied by an `up`.
   */
  readonly destroyDestination?: boolean;
}

/** What the service writes about every request to a table. */
const AUDITED = ["StorageRead", "StorageWrite", "StorageDelete"];

function networkRules(args: StorageDestinationArgs): storage.StorageAccountArgs["networkRuleSet"] {
  const ranges = firewallRanges("permanentIpRanges", args.permanentIpRanges ?? []);
  return {
    bypass: "None",
    defaultAction: "Deny",
    ipRules: ranges.map((iPAddressOrRange) => ({ action: "Allow" as const, iPAddressOrRange })),
    virtualNetworkRules: (args.permanentSubnetIds ?? []).map((virtualNetworkResourceId) => ({
      action: "Allow" as const,
      virtualNetworkResourceId,
    })),
  };
}

/**
 * A storage account for tables, closed but for its permanent ranges, with an audit trail. Everything in it is
 * retained on delete, unless `destroyDestination` was applied before. Children inherit that, so nothing temporary
 * may have this component as its parent.
 */
export class StorageDestination extends pulumi.ComponentResource {
  /** Known in previews too; whatever uses it waits until the account is there. */
  readonly account: pulumi.Output<AccountRef>;
  /** Of its tables, without trailing slash; unknown until the account is there. */
  readonly endpoint: pulumi.Output<string>;
  /** Known in previews too; whatever uses it waits until the resource group is there. */
  readonly resourceGroupName: pulumi.Output<string>;
  /** Where the audit trail goes; absent with `existing: account`. */
  readonly workspaceId: pulumi.Output<string> | undefined;

  constructor(name: string, args: StorageDestinationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("landbridge:azure:StorageDestination", name, {}, opts);
    if (args.existing === "account") {
      this.account = new ExistingAccount(
        name,
        {
          account: args.account,
          reachedPrivately: args.publicNetworkAccess === "disabled",
          signIn: args.sharedKeyAccess === false,
          ...(args.facts === undefined ? {} : { facts: args.facts }),
        },
        { parent: this },
      ).account;
      this.endpoint = pulumi.output(tableEndpoint(args.account.account, args.facts ?? {}));
      this.resourceGroupName = pulumi.output(args.account.resourceGroup);
      this.workspaceId = undefined;
    } else {
      const kept = { parent: this, retainOnDelete: !(args.destroyDestination ?? false) };
      this.resourceGroupName = destinationGroup(name, args, kept);
      const account = this.storageAccount(name, args, kept);
      this.workspaceId = destinationWorkspace(name, args, this.resourceGroupName, kept);
      this.auditTrail(name, account, this.workspaceId, kept);
      const way = this.privateWay(name, args, account.id, kept);
      // URNs are known while the account is not: dependants wait for it, and previews still see the names.
      this.account = pulumi.all([account.urn, ...way.map(({ urn }) => urn)]).apply(() => args.account);
      this.endpoint = account.primaryEndpoints.apply((found) => {
        return tableEndpoint(args.account.account, { primaryEndpoints: found });
      });
    }
    const { account, resourceGroupName, workspaceId } = this;
    // For policies: Pulumi does not tell them of retainOnDelete.
    const destroyDestination = args.destroyDestination ?? false;
    this.registerOutputs({ account, resourceGroupName, workspaceId, destroyDestination });
  }

  private storageAccount(
    name: string,
    args: StorageDestinationArgs,
    opts: pulumi.CustomResourceOptions,
  ): storage.StorageAccount {
    return new storage.StorageAccount(
      `${name}-account`,
      {
        accountName: args.account.account,
        resourceGroupName: this.resourceGroupName,
        location: args.location,
        kind: storage.Kind.StorageV2,
        sku: { name: args.sku ?? storage.SkuName.Standard_ZRS },
        minimumTlsVersion: storage.MinimumTlsVersion.TLS1_2,
        enableHttpsTrafficOnly: true,
        allowBlobPublicAccess: false,
        allowCrossTenantReplication: false,
        allowSharedKeyAccess: args.sharedKeyAccess ?? true,
        // Enabled means: from the networks that the rules name.
        publicNetworkAccess: args.publicNetworkAccess === "disabled"
          ? storage.PublicNetworkAccess.Disabled
          : storage.PublicNetworkAccess.Enabled,
        networkRuleSet: networkRules(args),
      },
      opts,
    );
  }

  private privateWay(
    name: string,
    args: StorageDestinationArgs,
    accountId: pulumi.Output<string>,
    opts: pulumi.CustomResourceOptions,
  ): readonly pulumi.Resource[] {
    const { account: { account: accountName }, location, privateEndpoint } = args;
    if (privateEndpoint === undefined) return [];
    const { resourceGroupName } = this;
    const shared = { accountName, accountId, resourceGroupName, location };
    return tablePrivateEndpoint(name, { ...shared, ...privateEndpoint, service: "storage" }, opts);
  }

  /** Every read, write and delete of a table's rows goes to Log Analytics. */
  private auditTrail(
    name: string,
    account: storage.StorageAccount,
    workspaceId: pulumi.Input<string>,
    opts: pulumi.CustomResourceOptions,
  ): monitor.DiagnosticSetting {
    return new monitor.DiagnosticSetting(
      `${name}-audit`,
      {
        name: "landbridge-audit",
        resourceUri: pulumi.interpolate`${account.id}/tableServices/default`,
        workspaceId,
        logs: AUDITED.map((category) => ({ category, enabled: true })),
      },
      opts,
    );
  }
}
