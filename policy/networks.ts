import type { ResourceValidationPolicy } from "@pulumi/policy";
import { ADDRESSES, addressesMax, isTooWide, type AddressesConfig } from "./addresses";
import { asList, asObject, isAzure, isLandbridge } from "./values";

type Properties = Readonly<Record<string, unknown>>;

/** To Cosmos DB this address alone is every machine in Azure, whosever it is. */
const ALL_OF_AZURE = "0.0.0.0";

function isDisabled(value: unknown): boolean {
  return String(value).toLowerCase() === "disabled";
}

/** Rules that let in whom nobody named all the same: two halves of the internet are as open as the whole. */
function wide(rules: unknown, max: number): readonly string[] {
  return asList(rules)
    .map((rule) => {
      const { value, ipAddressOrRange, iPAddressOrRange } = asObject(rule);
      return typeof rule === "string" ? rule : String(value ?? ipAddressOrRange ?? iPAddressOrRange ?? "");
    })
    .filter((range) => range === ALL_OF_AZURE || isTooWide(range, max))
    .map((range) => {
      const who = range === ALL_OF_AZURE ? "all of Azure" : `more than ${max} addresses`;
      return `Its firewall lets ${range} in, which is ${who}. Name the ranges.`;
    });
}

function ofStorage({ networkRuleSet, publicNetworkAccess }: Properties, max: number): readonly string[] {
  if (isDisabled(publicNetworkAccess)) return [];
  const { defaultAction, ipRules } = asObject(networkRuleSet);
  if (defaultAction !== "Deny") return ["Its firewall lets everybody in. Set networkRuleSet.defaultAction to Deny."];
  return wide(ipRules, max);
}

function ofCosmos(
  { ipRules, isVirtualNetworkFilterEnabled, publicNetworkAccess }: Properties,
  max: number,
): readonly string[] {
  if (isDisabled(publicNetworkAccess)) return [];
  if (isVirtualNetworkFilterEnabled !== true && asList(ipRules).length === 0) {
    return ["Without a filter and without rules everybody gets in. Set isVirtualNetworkFilterEnabled to true."];
  }
  return wide(ipRules, max);
}

function ofVault({ properties }: Properties, max: number): readonly string[] {
  const { networkAcls, publicNetworkAccess } = asObject(properties);
  if (isDisabled(publicNetworkAccess)) return [];
  const { defaultAction, ipRules } = asObject(networkAcls);
  if (defaultAction !== "Deny") return ["Its firewall lets everybody in. Set networkAcls.defaultAction to Deny."];
  return wide(ipRules, max);
}

const CHECKS: readonly (readonly [string, (props: Properties, max: number) => readonly string[]])[] = [
  ["storage:StorageAccount", ofStorage],
  ["cosmosdb:DatabaseAccount", ofCosmos],
  ["keyvault:Vault", ofVault],
];

export const networksDenyByDefault: ResourceValidationPolicy = {
  name: "networks-deny-by-default",
  description: "Accounts and vaults refuse every network that is not named (addressesMax).",
  configSchema: { properties: ADDRESSES },
  validateResource: ({ type, props, getConfig }, report) => {
    const max = addressesMax(getConfig<AddressesConfig>());
    for (const [name, check] of CHECKS) {
      if (isAzure(type, name)) check(props, max).forEach((reason) => report(reason));
    }
    // A move opens firewalls for its time, those of accounts that the stack does not make, too.
    if (isLandbridge(type, "NetworkOpening")) wide(props["ipRanges"], max).forEach((reason) => report(reason));
  },
};
