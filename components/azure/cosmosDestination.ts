import * as cosmosdb from "@pulumi/azure-native/cosmosdb";
import * as monitor from "@pulumi/azure-native/monitor";
import * as pulumi from "@pulumi/pulumi";
import type { AccountRef } from "../../migration/access/accountRef";
import { cosmosEndpoint } from "../../migration/access/armCosmosAccount";
import { readEmulators } from "../../migration/access/emulators";
import { cosmosAccount, type CosmosAccountSettings } from "./cosmosAccount";
import { cosmosAlerts, type CosmosAlertSettings } from "./cosmosAlerts";
import { grantCosmosRole, type CosmosRole } from "./cosmosRole";
import { checkThroughput, describeThroughput, type CosmosTable } from "./cosmosThroughput";
import { destinationGroup, destinationWorkspace } from "./destinationGround";
import { ExistingCosmosAccount } from "./existingCosmosAccount";
import { tablePrivateEndpoint, type PrivateEndpointSettings } from "./tablePrivateEndpoint";

/** An application, or a person, that is to use the tables for good. */
export interface CosmosPrincipal {
  /** Object id in the account's tenant. */
  readonly principalId: string;
  readonly role: CosmosRole;
}

export interface CosmosDestinationArgs extends CosmosAccountSettings {
  /** What is there already, and is used as it is; with `account`, nothing is made or changed. Default nothing. */
  readonly existing?: "nothing" | "resourceGroup" | "account";
  /** Tables to make, with their throughput. */
  readonly tables: readonly CosmosTable[];
  /** Which of the two throughputs holds now. Default copy. */
  readonly throughput?: "copy" | "steady";
  readonly privateEndpoint?: PrivateEndpointSettings;
  readonly principals?: readonly CosmosPrincipal[];
  readonly alerts?: CosmosAlertSettings;
  /** Log Analytics workspace of the diagnostic logs; by default one is made. */
  readonly workspaceId?: pulumi.Input<string>;
  /** How long a workspace made here keeps logs, in days, 30 to 730. Default 90. */
  readonly logRetentionDays?: number;
  /** As for a StorageDestination: it counts only once it was applied by an `up`. Default false. */
  readonly destroyDestination?: boolean;
}

/** An emulated account is wherever the emulators listen today. */
function endpointOf({ kind, account }: AccountRef): string {
  return (kind === "emulator" ? readEmulators().accounts[account]?.tableEndpoint : undefined)
    ?? cosmosEndpoint(account);
}

/** Requests, their cost, the size of logical partitions, and changes to the account. */
const LOGGED = [
  "TableApiRequests", "DataPlaneRequests", "PartitionKeyStatistics", "PartitionKeyRUConsumption",
  "ControlPlaneRequests",
];

/**
 * A Cosmos DB account for tables, closed but for its permanent networks and without keys, with its tables, their
 * throughput, logs and alerts. Everything in it is retained on delete, unless `destroyDestination` was applied before.
 * Children inherit that, so nothing temporary may have this component as its parent.
 */
export class CosmosDestination extends pulumi.ComponentResource {
  /** Known in previews too; whatever uses it waits until account and tables are there. */
  readonly account: pulumi.Output<AccountRef>;
  /** The account's resource id. */
  readonly accountId: pulumi.Output<string>;
  readonly resourceGroupName: pulumi.Output<string>;
  /** Without trailing slash: `https://contoso.table.cosmos.azure.com`. */
  readonly endpoint: string;
  /** What is set per table, and how low it can go. For people, in previews too. */
  readonly throughput: string;
  /** Where logs go; absent with `existing: account`. */
  readonly workspaceId: pulumi.Output<string> | undefined;

  constructor(name: string, args: CosmosDestinationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("landbridge:azure:CosmosDestination", name, {}, opts);
    this.endpoint = endpointOf(args.account);
    checkThroughput(args.tables);
    this.throughput = describeThroughput(args.tables, args.throughput ?? "copy");
    if (args.existing === "account") {
      const terms = { localAuth: args.localAuth ?? false, reachedPrivately: args.publicNetworkAccess === "disabled" };
      const found = new ExistingCosmosAccount(name, { account: args.account, ...terms }, { parent: this });
      this.account = found.account;
      this.accountId = found.accountId;
      this.resourceGroupName = pulumi.output(args.account.resourceGroup);
      this.workspaceId = undefined;
    } else {
      const kept = { parent: this, retainOnDelete: !(args.destroyDestination ?? false) };
      this.resourceGroupName = destinationGroup(name, args, kept);
      const made = cosmosAccount(`${name}-account`, args, this.resourceGroupName, kept);
      this.accountId = made.id;
      this.workspaceId = destinationWorkspace(name, args, this.resourceGroupName, kept);
      const tables = this.tables(name, args, made, kept);
      const way = this.around(name, args, this.workspaceId, kept);
      // URNs are known while the account is not: dependants wait for it, and previews still see the names.
      this.account = pulumi.all([made, ...tables, ...way].map(({ urn }) => urn)).apply(() => args.account);
    }
    const { account, accountId, resourceGroupName, workspaceId, endpoint, throughput } = this;
    // For policies: Pulumi does not tell them of retainOnDelete.
    const destroyDestination = args.destroyDestination ?? false;
    const outputs = { account, accountId, resourceGroupName, workspaceId, endpoint, throughput, destroyDestination };
    this.registerOutputs(outputs);
  }

  private tables(
    name: string,
    args: CosmosDestinationArgs,
    account: cosmosdb.DatabaseAccount,
    opts: pulumi.CustomResourceOptions,
  ): readonly cosmosdb.TableResourceTable[] {
    const steady = args.throughput === "steady";
    return args.tables.map(({ name: table, copyThroughput, steadyThroughput }) => new cosmosdb.TableResourceTable(
      `${name}-table-${table}`,
      {
        tableName: table,
        // A URN is known while the account is not: the table waits for it, and a preview still sees the name.
        accountName: account.urn.apply(() => args.account.account),
        resourceGroupName: this.resourceGroupName,
        resource: { id: table },
        options: { autoscaleSettings: { maxThroughput: steady ? steadyThroughput : copyThroughput } },
      },
      opts,
    ));
  }

  /** What surrounds the account: logs, alerts, roles that stay, the private way in. Returns that way. */
  private around(
    name: string,
    args: CosmosDestinationArgs,
    workspaceId: pulumi.Output<string>,
    opts: pulumi.CustomResourceOptions,
  ): readonly pulumi.Resource[] {
    const { resourceGroupName, accountId } = this;
    const { location, account: { account: accountName } } = args;
    const shared = { accountName, accountId, resourceGroupName, location };
    new monitor.DiagnosticSetting(
      `${name}-audit`,
      {
        name: "landbridge-audit",
        resourceUri: accountId,
        workspaceId,
        logAnalyticsDestinationType: "Dedicated",
        logs: LOGGED.map((category) => ({ category, enabled: true })),
      },
      opts,
    );
    cosmosAlerts(name, { ...shared, ...args.alerts, workspaceId }, opts);
    for (const { principalId, role } of args.principals ?? []) {
      grantCosmosRole(`${name}-${role}-${principalId}`, { ...shared, principalId, role }, opts);
    }
    if (args.privateEndpoint === undefined) return [];
    return tablePrivateEndpoint(name, { ...shared, ...args.privateEndpoint, service: "cosmos" }, opts);
  }
}
