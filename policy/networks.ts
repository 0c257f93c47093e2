import type { ResourceValidationPolicy } from "@pulumi/policy";
import { asList, asObject, isAzure } from "./values";

type Properties = Readonly<Record<string, unknown>>;

const WHOLE_INTERNET = /^0\.0\.0\.0(\/0)?$/;

function isDisabled(value: unknown): boolean {
  return String(value).toLowerCase() === "disabled";
}

/** Rules that let everybody in all the same: on Cosmos DB 0.0.0.0 is every machine in Azure, whosever it is. */
function openRanges(rules: unknown): readonly string[] {
  return asList(rules)
    .map((rule) => {
      const { value, ipAddressOrRange, iPAddressOrRange } = asObject(rule);
      return String(value ?? ipAddressOrRange ?? iPAddressOrRange ?? "");
    })
    .filter((range) => WHOLE_INTERNET.test(range));
}

function ofStorage({ networkRuleSet, publicNetworkAccess }: Properties): readonly string[] {
  if (isDisabled(publicNetworkAccess)) return [];
  const { defaultAction, ipRules } = asObject(networkRuleSet);
  if (defaultAction !== "Deny") return ["Its firewall lets everybody in. Set networkRuleSet.defaultAction to Deny."];
  return openRanges(ipRules).map((range) => `Its firewall lets ${range} in, which is everybody. Name the ranges.`);
}

function ofCosmos({ ipRules, isVirtualNetworkFilterEnabled, publicNetworkAccess }: Properties): readonly string[] {
  if (isDisabled(publicNetworkAccess)) return [];
  if (isVirtualNetworkFilterEnabled !== true && asList(ipRules).length === 0) {
    return ["Without a filter and without rules everybody gets in. Set isVirtualNetworkFilterEnabled to true."];
  }
  return openRanges(ipRules).map((range) => `Its firewall lets ${range} in, which is all of Azure. Name the ranges.`);
}

function ofVault({ properties }: Properties): readonly string[] {
  const { networkAcls, publicNetworkAccess } = asObject(properties);
  if (isDisabled(publicNetworkAccess)) return [];
  const { defaultAction, ipRules } = asObject(networkAcls);
  if (defaultAction !== "Deny") return ["Its firewall lets everybody in. Set networkAcls.defaultAction to Deny."];
  return openRanges(ipRules).map((range) => `Its firewall lets ${range} in, which is everybody. Name the ranges.`);
}

const CHECKS: readonly (readonly [string, (props: Properties) => readonly string[]])[] = [
  ["storage:StorageAccount", ofStorage],
  ["cosmosdb:DatabaseAccount", ofCosmos],
  ["keyvault:Vault", ofVault],
];

export const networksDenyByDefault: ResourceValidationPolicy = {
  name: "networks-deny-by-default",
  description: "Accounts and vaults refuse every network that is not named.",
  validateResource: ({ type, props }, report) => {
    for (const [name, check] of CHECKS) {
      if (isAzure(type, name)) check(props).forEach((reason) => report(reason));
    }
  },
};
