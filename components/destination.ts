import * as pulumi from "@pulumi/pulumi";
import { tableDomain } from "../migration/access/tableDomain";
import { describeCost } from "./azure/cosmosCost";
import { CosmosDestination } from "./azure/cosmosDestination";
import { lookAtAccount, sayWhoDecided, signsIn } from "./azure/sharedKeys";
import { StorageDestination } from "./azure/storageDestination";
import type { DestinationAccount } from "./azure/temporaryAccess";
import type { Configuration } from "./config";
import type { DestinationConfiguration, StorageDestinationConfiguration } from "./config/destination";
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

/** What previews and updates say of the way in, where there is no public one; a warning where this machine is out. */
function reachOf({ account, kind, publicNetworkAccess }: DestinationConfiguration): Pick<DeclaredDestination, "reach"> {
  if (publicNetworkAccess !== "disabled") return {};
  const looked = lookForPrivateWay(`${account.account}.${tableDomain(kind)}`).then(async ({ isPrivate, text }) => {
    if (isPrivate !== true) await pulumi.log.warn(text);
    return text;
  });
  return { reach: pulumi.output(looked) };
}

type Provider = pulumi.ProviderResource;

type Settings = Pick<Configuration, "destroyDestination" | "temporaryAccess">;

/** Whether keys open it: as it is declared, or, of an account that is there, as that says. Throws `RunError`. */
async function keysOf(
  { existing, sharedKeyAccess, account }: StorageDestinationConfiguration,
  { temporaryAccess }: Settings,
  provider: Provider,
) {
  if (existing !== "account") return { sharedKeyAccess: sharedKeyAccess ?? true };
  const facts = await lookAtAccount(account, { provider });
  const refused = signsIn(sharedKeyAccess, facts);
  if (refused && temporaryAccess === "open") await sayWhoDecided("destination", account, sharedKeyAccess);
  return { sharedKeyAccess: !refused, facts };
}

async function declareStorage(
  name: string,
  destination: StorageDestinationConfiguration,
  settings: Settings,
  provider: Provider,
): Promise<DeclaredDestination> {
  const keys = await keysOf(destination, settings, provider);
  const { destroyDestination } = settings;
  const made = new StorageDestination(name, { ...destination, ...keys, destroyDestination }, { provider });
  const { account, endpoint, resourceGroupName, workspaceId } = made;
  const { keyName, account: names } = destination;
  const reachedPrivately = destination.publicNetworkAccess === "disabled";
  const signIn = keys.sharedKeyAccess ? {} : { signIn: { names, endpoint } };
  const target = { account, keyName, reachedPrivately, ...signIn };
  return { account: target, resourceGroupName, workspaceId, ...reachOf(destination) };
}

/** Declares the destination that the stack names. Throws `RunError` where one that is there cannot be looked at. */
export async function declareDestination(
  name: string,
  destination: DestinationConfiguration,
  settings: Settings,
  provider: Provider,
): Promise<DeclaredDestination> {
  if (destination.kind === "storage") return await declareStorage(name, destination, settings, provider);
  const { destroyDestination } = settings;
  const reachedPrivately = destination.publicNetworkAccess === "disabled";
  const { keyName, localAuth } = destination;
  const made = new CosmosDestination(name, { ...destination, destroyDestination }, { provider });
  const { account, accountId, resourceGroupName, workspaceId, endpoint, throughput } = made;
  const { tenantId, account: accountName } = destination.account;
  const names = { account, accountName, tenantId, accountId, resourceGroupName };
  const target = { ...names, endpoint, localAuth, keyName, reachedPrivately };
  const cost = describeCost(destination.tables, 1 + (destination.regions ?? []).length, destination.prices);
  const shown = { throughput: `${throughput}\n${cost}`, ...reachOf(destination) };
  return { account: target, resourceGroupName, workspaceId, ...shown };
}
