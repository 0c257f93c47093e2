import type * as pulumi from "@pulumi/pulumi";
import { describeCost } from "./azure/cosmosCost";
import { CosmosDestination } from "./azure/cosmosDestination";
import { StorageDestination } from "./azure/storageDestination";
import type { DestinationAccount } from "./azure/temporaryAccess";
import type { DestinationConfiguration } from "./config/destination";

export interface DeclaredDestination {
  /** What access is given to. */
  readonly account: DestinationAccount;
  readonly resourceGroupName: pulumi.Output<string>;
  readonly workspaceId: pulumi.Output<string> | undefined;
  /** What is set per table, how low it can go and what it costs; absent on storage, which has no such thing. */
  readonly throughput?: string;
}

/** Declares the destination that the stack names. */
export function declareDestination(
  name: string,
  destination: DestinationConfiguration,
  destroyDestination: boolean,
  opts: pulumi.ComponentResourceOptions,
): DeclaredDestination {
  if (destination.kind === "storage") {
    const made = new StorageDestination(name, { ...destination, destroyDestination }, opts);
    const { account, resourceGroupName, workspaceId } = made;
    return { account: { account, keyName: destination.keyName }, resourceGroupName, workspaceId };
  }
  const { keyName, localAuth } = destination;
  const made = new CosmosDestination(name, { ...destination, destroyDestination }, opts);
  const { account, accountId, resourceGroupName, workspaceId, endpoint, throughput } = made;
  const { tenantId, account: accountName } = destination.account;
  const target = { account, accountName, tenantId, accountId, resourceGroupName, endpoint, localAuth, keyName };
  const cost = describeCost(destination.tables, 1 + (destination.regions ?? []).length, destination.prices);
  return { account: target, resourceGroupName, workspaceId, throughput: `${throughput}\n${cost}` };
}
