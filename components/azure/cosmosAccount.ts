import * as cosmosdb from "@pulumi/azure-native/cosmosdb";
import type * as pulumi from "@pulumi/pulumi";
import type { AccountRef } from "../../migration/access/accountRef";
import { TABLE_CAPABILITY } from "./existingCosmosAccount";
import { firewallRanges } from "./firewallRanges";

export type CosmosConsistency = "Strong" | "BoundedStaleness" | "Session" | "ConsistentPrefix" | "Eventual";

export interface CosmosRegion {
  /** Such as `northeurope`. */
  readonly location: string;
  readonly zoneRedundant?: boolean;
}

/** How an account is set up. */
export interface CosmosAccountSettings {
  readonly account: AccountRef;
  /** The region that takes writes. */
  readonly location: string;
  readonly zoneRedundant?: boolean;
  /** Further regions, in the order in which they take over. */
  readonly regions?: readonly CosmosRegion[];
  /**
   * Default BoundedStaleness: in the region that takes writes a read then sees every write acknowledged before it,
   * without a session, which a verification and conditional writes need. Reads cost twice the RU of weaker levels.
   */
  readonly consistency?: CosmosConsistency;
  /** How far back the account can be restored to any second. Default Continuous7Days, which is free of charge. */
  readonly backup?: "Continuous7Days" | "Continuous30Days";
  /** Whether account keys are accepted. Default false: Entra ID alone. */
  readonly localAuth?: boolean;
  /** disabled: only private endpoints lead to it. Default enabled, from the networks that are named. */
  readonly publicNetworkAccess?: "enabled" | "disabled";
  /** Public IPv4 addresses and CIDR ranges that stay open; everything else is refused. */
  readonly permanentIpRanges?: readonly string[];
  /** Subnets (with a service endpoint for Cosmos DB) that stay open. */
  readonly permanentSubnetIds?: readonly string[];
}

/**
 * The least staleness that the service takes (Microsoft: "Consistency levels in Azure Cosmos DB"): 10 operations or
 * 5 seconds in one region, 100,000 operations or 300 seconds in several.
 */
function consistencyPolicy(settings: CosmosAccountSettings): cosmosdb.DatabaseAccountArgs["consistencyPolicy"] {
  const level = settings.consistency ?? "BoundedStaleness";
  if (level !== "BoundedStaleness") return { defaultConsistencyLevel: level };
  const several = (settings.regions ?? []).length > 0;
  return {
    defaultConsistencyLevel: level,
    maxStalenessPrefix: several ? 100_000 : 10,
    maxIntervalInSeconds: several ? 300 : 5,
  };
}

function locations(settings: CosmosAccountSettings): { locationName: string; failoverPriority: number;
  isZoneRedundant: boolean }[] {
  const { location, zoneRedundant = false, regions = [] } = settings;
  return [{ location, zoneRedundant }, ...regions].map((region, failoverPriority) => ({
    locationName: region.location,
    failoverPriority,
    isZoneRedundant: region.zoneRedundant ?? false,
  }));
}

/** An account for tables: closed but for its permanent networks, without keys, restorable to any second. */
export function cosmosAccount(
  name: string,
  settings: CosmosAccountSettings,
  resourceGroupName: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): cosmosdb.DatabaseAccount {
  const regions = locations(settings);
  const ipRules = firewallRanges("permanentIpRanges", settings.permanentIpRanges ?? []);
  const isPublic = settings.publicNetworkAccess !== "disabled";
  return new cosmosdb.DatabaseAccount(
    name,
    {
      accountName: settings.account.account,
      resourceGroupName,
      location: settings.location,
      kind: cosmosdb.DatabaseAccountKind.GlobalDocumentDB,
      databaseAccountOfferType: cosmosdb.DatabaseAccountOfferType.Standard,
      capabilities: [{ name: TABLE_CAPABILITY }],
      consistencyPolicy: consistencyPolicy(settings),
      locations: regions,
      enableAutomaticFailover: regions.length > 1,
      enableMultipleWriteLocations: false,
      backupPolicy: {
        type: "Continuous",
        continuousModeProperties: { tier: settings.backup ?? "Continuous7Days" },
      },
      disableLocalAuth: !(settings.localAuth ?? false),
      disableKeyBasedMetadataWriteAccess: true,
      minimalTlsVersion: cosmosdb.MinimalTlsVersion.Tls12,
      publicNetworkAccess: isPublic
        ? cosmosdb.PublicNetworkAccess.Enabled
        : cosmosdb.PublicNetworkAccess.Disabled,
      networkAclBypass: cosmosdb.NetworkAclBypass.None,
      ipRules: ipRules.map((ipAddressOrRange) => ({ ipAddressOrRange })),
      // Without a filter and without rules the account would be open to everybody.
      isVirtualNetworkFilterEnabled: true,
      virtualNetworkRules: (settings.permanentSubnetIds ?? []).map((id) => ({
        id,
        ignoreMissingVNetServiceEndpoint: false,
      })),
    },
    opts,
  );
}
