import * as pulumi from "@pulumi/pulumi";
import { describeCost } from "./azure/cosmosCost";
import { CosmosDestination } from "./azure/cosmosDestination";
import { StorageDestination } from "./azure/storageDestination";
import type { DestinationAccount } from "./azure/temporaryAccess";
import type { DestinationConfiguration } from "./config/destination";
import { lookForPrivateWay } from "./privateReach";

export interface DeclaredDestination {
  /** What access is given to. */
  readonly account: DestinationAccount;
  readonly resourceGroupName: pulumi.Output<string>;
  readonly workspaceId: pulumi.Output<string> | undefined;
  /** Whether this machine gets in, where only private endpoints lead to the account. */
  readonly reach?: pulumi.Output<string>;
  /** What is set per table, how low it can go and what it costs; absent on storage, which has no such thing. */
  readonly throughput?: string;
}

const DOMAINS = { storage: "table.core.windows.net", cosmos: "table.cosmos.azure.com" } as const;

/** What previews and updates say of the way in, where there is no public one; a warning where this machine is out. */
function reachOf({ account, kind, publicNetworkAccess }: DestinationConfiguration): Pick<DeclaredDestination, "reach"> {
  if (publicNetworkAccess !== "disabled") return {};
  const looked = lookForPrivateWay(`${account.account}.${DOMAINS[kind]}`).then(async ({ isPrivate, text }) => {
    if (isPrivate !== true) await pulumi.log.warn(text);
    return text;
  });
  return { reach: pulumi.output(looked) };
}

/** Declares the destination that the stack names. */
export function declareDestination(
  name: string,
  destination: DestinationConfiguration,
  destroyDestination: boolean,
  opts: pulumi.ComponentResourceOptions,
): DeclaredDestination {
  const reachedPrivately = destination.publicNetworkAccess === "disabled";
  if (destination.kind === "storage") {
    const made = new StorageDestination(name, { ...destination, destroyDestination }, opts);
    const { account, resourceGroupName, workspaceId } = made;
    const { keyName, sharedKeyAccess, account: names } = destination;
    const target = { account, keyName, reachedPrivately, ...(!sharedKeyAccess && { signIn: { names } }) };
    return { account: target, resourceGroupName, workspaceId, ...reachOf(destination) };
  }
  const { keyName, localAuth } = destination;
  const made = new CosmosDestination(name, { ...destination, destroyDestination }, opts);
  const { account, accountId, resourceGroupName, workspaceId, endpoint, throughput } = made;
  const { tenantId, account: accountName } = destination.account;
  const names = { account, accountName, tenantId, accountId, resourceGroupName };
  const target = { ...names, endpoint, localAuth, keyName, reachedPrivately };
  const cost = describeCost(destination.tables, 1 + (destination.regions ?? []).length, destination.prices);
  const shown = { throughput: `${throughput}\n${cost}`, ...reachOf(destination) };
  return { account: target, resourceGroupName, workspaceId, ...shown };
}
