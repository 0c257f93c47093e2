import type { KeyName } from "../../migration/access/accountManagement";
import type { AccountRef } from "../../migration/access/accountRef";
import type { TableInput } from "../../migration/resources/tableInput";
import type { CosmosDestinationArgs } from "../azure/cosmosDestination";
import type { PrivateEndpointSettings } from "../azure/tablePrivateEndpoint";
import type { WrittenMigration } from "./schema";

interface SharedDestination {
  readonly account: AccountRef & { readonly tenantId: string };
  readonly location: string;
  /** What is there already, and is used as it is. */
  readonly existing: "nothing" | "resourceGroup" | "account";
  readonly permanentIpRanges: readonly string[];
  readonly permanentSubnetIds: readonly string[];
  /** Where logs go; absent: a workspace of its own is made. */
  readonly workspaceId?: string;
  readonly logRetentionDays: number;
  /** disabled: only private endpoints lead to it. */
  readonly publicNetworkAccess?: "enabled" | "disabled";
  readonly privateEndpoint?: PrivateEndpointSettings;
  readonly keyName: KeyName;
}

export interface StorageDestinationConfiguration extends SharedDestination {
  readonly kind: "storage";
  readonly sku: string;
  /** Whether keys open it; absent, of an account that is there: the account says. */
  readonly sharedKeyAccess?: boolean;
}

type CosmosSettings = Pick<
  CosmosDestinationArgs,
  "consistency" | "zoneRedundant" | "regions" | "backup" | "principals" | "alerts"
>;

export interface CosmosDestinationConfiguration extends SharedDestination, CosmosSettings {
  readonly kind: "cosmos";
  readonly localAuth: boolean;
  readonly tables: CosmosDestinationArgs["tables"];
  readonly throughput: "copy" | "steady";
}

export type DestinationConfiguration = StorageDestinationConfiguration | CosmosDestinationConfiguration;

/** Throughput in RU/s where nothing is said: what a first copy of a few million rows gets by with. */
export const COPY_THROUGHPUT_DEFAULT = 10_000;
export const STEADY_THROUGHPUT_DEFAULT = 1_000;

/** What is there, without what is not. */
function present<T extends object>(from: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(from).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

function cosmosTables(
  written: WrittenMigration["destination"],
  tables: "all" | readonly TableInput[],
): CosmosDestinationArgs["tables"] {
  if (tables === "all") return [];
  const copy = written.copyThroughput ?? COPY_THROUGHPUT_DEFAULT;
  const steady = written.steadyThroughput ?? STEADY_THROUGHPUT_DEFAULT;
  return tables.map(({ table, destinationTable = table }) => {
    const own = written.tableThroughput?.[destinationTable];
    const copyThroughput = own?.copyThroughput ?? copy;
    return { name: destinationTable, copyThroughput, steadyThroughput: own?.steadyThroughput ?? steady };
  });
}

/** What is written of the destination, with defaults; the phase says which throughput holds unless the stack does. */
export function toDestination(
  written: WrittenMigration["destination"],
  account: SharedDestination["account"],
  tables: "all" | readonly TableInput[],
  phase: string | undefined,
): DestinationConfiguration {
  const shared = {
    account: written.kind === "cosmos" ? { ...account, service: "cosmos" as const } : account,
    location: written.location,
    existing: written.existing,
    permanentIpRanges: written.permanentIpRanges ?? [],
    permanentSubnetIds: written.permanentSubnetIds ?? [],
    ...present({
      workspaceId: written.workspaceId,
      publicNetworkAccess: written.publicNetworkAccess,
      privateEndpoint: written.privateEndpoint,
    }),
    logRetentionDays: written.logRetentionDays ?? 90,
    keyName: written.keyName,
  };
  if (written.kind === "storage") {
    const { sku = "Standard_ZRS" } = written;
    // What we make takes keys unless we are told otherwise; what is there has its own mind.
    const sharedKeyAccess = written.sharedKeyAccess ?? (written.existing === "account" ? undefined : true);
    return { kind: "storage", ...shared, sku, ...present({ sharedKeyAccess }) } as StorageDestinationConfiguration;
  }
  const { consistency, zoneRedundant, regions, backup, principals, alerts } = written;
  const copying = phase === undefined || phase === "sync";
  const settings = { consistency, zoneRedundant, regions, backup, principals, alerts };
  return {
    kind: "cosmos",
    ...shared,
    ...present(settings),
    localAuth: written.localAuth ?? false,
    tables: cosmosTables(written, tables),
    throughput: written.throughput ?? (copying ? "copy" : "steady"),
  } as CosmosDestinationConfiguration;
}
