import { isIPv4 } from "node:net";
import { z } from "zod";
import { badRequest } from "../plainKind";

const location = z.strictObject({
  id: z.string().optional(),
  locationName: z.string(),
  failoverPriority: z.int().min(0),
  isZoneRedundant: z.boolean().optional(),
});
const subnetRule = z.strictObject({ id: z.string(), ignoreMissingVNetServiceEndpoint: z.boolean().optional() });

/** What the stand-in knows of an account's settings; others are refused. */
export const cosmosProperties = z.looseObject({
  databaseAccountOfferType: z.literal("Standard"),
  locations: z.array(location).min(1),
  backupPolicy: z.strictObject({
    type: z.enum(["Continuous", "Periodic"]),
    continuousModeProperties: z.strictObject({ tier: z.enum(["Continuous7Days", "Continuous30Days"]) }).optional(),
  }).optional(),
  capabilities: z.array(z.strictObject({ name: z.string() })).optional(),
  consistencyPolicy: z.strictObject({
    defaultConsistencyLevel: z.enum(["Strong", "BoundedStaleness", "Session", "ConsistentPrefix", "Eventual"]),
    maxStalenessPrefix: z.int().optional(),
    maxIntervalInSeconds: z.int().optional(),
  }).optional(),
  createMode: z.literal("Default").optional(),
  disableKeyBasedMetadataWriteAccess: z.boolean().optional(),
  disableLocalAuth: z.boolean().optional(),
  enableAutomaticFailover: z.boolean().optional(),
  enableMultipleWriteLocations: z.boolean().optional(),
  ipRules: z.array(z.strictObject({ ipAddressOrRange: z.string() })).optional(),
  isVirtualNetworkFilterEnabled: z.boolean().optional(),
  minimalTlsVersion: z.enum(["Tls", "Tls11", "Tls12"]).optional(),
  networkAclBypass: z.enum(["None", "AzureServices"]).optional(),
  publicNetworkAccess: z.enum(["Enabled", "Disabled", "SecuredByPerimeter"]).optional(),
  virtualNetworkRules: z.array(subnetRule).optional(),
});

export type CosmosProperties = z.infer<typeof cosmosProperties>;

const KNOWN = new Set([...Object.keys(cosmosProperties.shape), "documentEndpoint", "provisioningState"]);
const SUBNET = new RegExp(
  "^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\\.Network/virtualNetworks/[^/]+/subnets/[^/]+$",
  "i",
);

/** Cosmos DB's firewall takes public IPv4 addresses and CIDR ranges (Microsoft: "Configure IP firewall"). */
function isPublic(range: string): boolean {
  const [address = "", prefix, ...more] = range.split("/");
  const [first = 0, second = 0] = address.split(".").map(Number);
  const isPrivate = first === 10 || (first === 172 && second >= 16 && second <= 31)
    || (first === 192 && second === 168);
  const prefixFits = prefix === undefined || (/^\d{1,2}$/.test(prefix) && Number(prefix) <= 32);
  return isIPv4(address) && more.length === 0 && prefixFits && !isPrivate;
}

/** The least staleness: 10 operations or 5 seconds in one region, 100,000 or 300 in several ("Consistency levels"). */
function checkConsistency({ consistencyPolicy, locations }: CosmosProperties): void {
  if (consistencyPolicy?.defaultConsistencyLevel !== "BoundedStaleness") return;
  const { maxStalenessPrefix = 0, maxIntervalInSeconds = 0 } = consistencyPolicy;
  const [prefix, seconds] = locations.length > 1 ? [100_000, 300] : [10, 5];
  if (maxStalenessPrefix >= prefix && maxIntervalInSeconds >= seconds) return;
  throw badRequest(`BoundedStaleness in ${locations.length} region(s) needs maxStalenessPrefix ${prefix} and `
    + `maxIntervalInSeconds ${seconds} at least, not ${maxStalenessPrefix} and ${maxIntervalInSeconds}.`);
}

/** Throws where Azure would refuse these settings, whatever was there before. */
export function checkCosmosSettings(properties: CosmosProperties): void {
  const strangers = Object.keys(properties).filter((key) => !KNOWN.has(key));
  if (strangers.length > 0) {
    throw badRequest(`The stand-in for Cosmos DB accounts does not know ${strangers.join(", ")}.`);
  }
  if (!(properties.capabilities ?? []).some(({ name }) => name === "EnableTable")) {
    throw badRequest("The emulators play Cosmos DB accounts for Table alone: the capability EnableTable is missing.");
  }
  const priorities = properties.locations.map(({ failoverPriority }) => failoverPriority).sort((a, b) => a - b);
  if (priorities.some((priority, at) => priority !== at)) {
    throw badRequest(`Failover priorities go from 0 without a gap, and are ${priorities.join(", ")}.`);
  }
  const names = properties.locations.map(({ locationName }) => locationName.toLowerCase().replaceAll(" ", ""));
  if (new Set(names).size !== names.length) throw badRequest(`A region stands twice in ${names.join(", ")}.`);
  checkConsistency(properties);
  const wrong = (properties.ipRules ?? []).find(({ ipAddressOrRange }) => !isPublic(ipAddressOrRange));
  if (wrong !== undefined) throw badRequest(`Invalid IP address or range '${wrong.ipAddressOrRange}' in ipRules.`);
  const subnet = (properties.virtualNetworkRules ?? []).find(({ id }) => !SUBNET.test(id));
  if (subnet !== undefined) throw badRequest(`'${subnet.id}' is no subnet's id.`);
}

const text = (value: unknown) => JSON.stringify(value ?? null);

/** Throws where Azure would refuse the step from one to the other. */
export function checkCosmosChange(before: CosmosProperties, after: CosmosProperties): void {
  const capabilities = (of: CosmosProperties) => (of.capabilities ?? []).map(({ name }) => name).sort();
  if (text(capabilities(before)) !== text(capabilities(after))) {
    throw badRequest("Updating the capability EnableTable is not supported: it is chosen when the account is made.");
  }
  if (before.backupPolicy?.type === "Continuous" && after.backupPolicy?.type === "Periodic") {
    throw badRequest("Continuous backup cannot be turned back into periodic backup.");
  }
  if (text(before.locations) === text(after.locations)) return;
  const first = (of: CosmosProperties) => of.locations.find(({ failoverPriority }) => failoverPriority === 0);
  if (first(before)?.locationName !== first(after)?.locationName) {
    throw badRequest("The region that takes writes changes by a failover, and not by writing the account.");
  }
  const others = Object.keys(cosmosProperties.shape)
    .filter((key) => key !== "locations" && key !== "consistencyPolicy" && key !== "enableAutomaticFailover")
    .filter((key) => after[key] !== undefined && text(before[key]) !== text(after[key]));
  if (others.length === 0) return;
  throw badRequest("Regions cannot be added or removed while other settings of the account change "
    + `(${others.join(", ")}): make one change after the other.`);
}
