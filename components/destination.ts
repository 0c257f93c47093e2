import * as pulumi from "@pulumi/pulumi";
import { tableDomain } from "../migration/access/tableDomain";
import { describeThroughputCost } from "./azure/cosmosCost";
import { CosmosDestination } from "./azure/cosmosDestination";
import { lookAtAccount, sayWhoDecided, signsIn } from "./azure/sharedKeys";
import { StorageDestination } from "./azure/storageDestination";
import type { DestinationAccount } from "./azure/temporaryAccess";
import type { Configuration } from "./config";
import type { DestinationConfiguration, StorageDestinationConfiguration } from "./config/destination";
import type { HostConfiguration } from "./config/host";
import { hostReachText } from "./host/hostReach";
import { lookForPrivateWay } from "./privateReach";

export interface DeclaredDestination {
  /** What access is given to. */
  readonly account: DestinationAccount;
  readonly resourceGroupName: pulumi.Output<string>;
  readonly workspaceId: pulumi.Output<string> | undefined;
  /** How a host that copies gets in; or whether this machine does, where only private endpoints lead to the account. */
  readonly reach?: pulumi.Output<string>;
  /**
   * What is set per table, how low it can go and what it costs. Absent on storage, which has no such thing, and for an
   * account that was there already, of which nobody knows.
   */
  readonly throughput?: string;
}

/**
 * What previews and updates say of the way in: of a host's, where one copies; else of this machine's where there is no
 * public one, with a warning where it is out.
 */
function reachOf(
  destination: DestinationConfiguration,
  host: HostConfiguration | undefined,
): Pick<DeclaredDestination, "reach"> {
  const { account, kind, publicNetworkAccess } = destination;
  const domain = `${account.account}.${tableDomain(kind)}`;
  if (host !== undefined && account.kind === "azure") {
    return { reach: pulumi.output(hostReachText(host, destination, domain)) };
  }
  if (publicNetworkAccess !== "disabled") return {};
  const looked = lookForPrivateWay(domain).then(async ({ isPrivate, text }) => {
    if (isPrivate !== true) await pulumi.log.warn(text);
    return text;
  });
  return { reach: pulumi.output(looked) };
}

type Provider = pulumi.ProviderResource;

/** What the stack says besides of the account, who copies to it, and what it costs. */
export interface DestinationSettings
  extends Pick<Configuration, "destroyDestination" | "temporaryAccess" | "prices" | "movePlan"> {
  readonly host: HostConfiguration | undefined;
}

/** Whether keys open it: as it is declared, or, of an account that is there, as that says. Throws `RunError`. */
async function keysOf(
  { existing, sharedKeyAccess, account }: StorageDestinationConfiguration,
  { temporaryAccess }: Pick<DestinationSettings, "temporaryAccess">,
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
  settings: DestinationSettings,
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
  return { account: target, resourceGroupName, workspaceId, ...reachOf(destination, settings.host) };
}

/** Declares the destination that the stack names. Throws `RunError` where one that is there cannot be looked at. */
export async function declareDestination(
  name: string,
  destination: DestinationConfiguration,
  settings: DestinationSettings,
  provider: Provider,
): Promise<DeclaredDestination> {
  if (destination.kind === "storage") return await declareStorage(name, destination, settings, provider);
  const { destroyDestination, prices, movePlan, host } = settings;
  // Before the account is declared: a price that is missing is a mistake like any other.
  const cost = destination.existing === "account" ? undefined : await describeThroughputCost(movePlan, prices);
  const reachedPrivately = destination.publicNetworkAccess === "disabled";
  const { keyName, localAuth } = destination;
  const made = new CosmosDestination(name, { ...destination, destroyDestination }, { provider });
  const { account, accountId, resourceGroupName, workspaceId, endpoint, throughput } = made;
  const { tenantId, account: accountName } = destination.account;
  const names = { account, accountName, tenantId, accountId, resourceGroupName };
  const target = { ...names, endpoint, localAuth, keyName, reachedPrivately };
  const shown = {
    ...(cost !== undefined && { throughput: `${throughput}\n${cost}` }),
    ...reachOf(destination, host),
  };
  return { account: target, resourceGroupName, workspaceId, ...shown };
}
