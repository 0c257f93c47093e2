import type { NetworkRuleSet } from "@azure/arm-storage";
import type { NetworkRules } from "./accountManagement";

/** An account without a rule set lets everybody in. Lists that are absent stay absent, so that nothing is invented. */
export function fromArmRules(rules: NetworkRuleSet | undefined): NetworkRules {
  if (rules === undefined) return { defaultAction: "Allow" };
  const { bypass, ipRules, ipv6Rules, virtualNetworkRules, resourceAccessRules } = rules;
  return {
    defaultAction: rules.defaultAction,
    ...(bypass === undefined ? {} : { bypass }),
    ...(ipRules === undefined ? {} : { ipRules: ipRules.map(fromArmIp) }),
    ...(ipv6Rules === undefined ? {} : { ipv6Rules: ipv6Rules.map(fromArmIp) }),
    ...(virtualNetworkRules === undefined ? {} : {
      subnetRules: virtualNetworkRules.map(({ virtualNetworkResourceId, ...rest }) =>
        ({ subnetId: virtualNetworkResourceId, ...rest })),
    }),
    ...(resourceAccessRules === undefined ? {} : { resourceRules: resourceAccessRules }),
  };
}

export function toArmRules(rules: NetworkRules): NetworkRuleSet {
  const { defaultAction, bypass, ipRules, ipv6Rules, subnetRules, resourceRules } = rules;
  return {
    defaultAction,
    ...(bypass === undefined ? {} : { bypass }),
    ...(ipRules === undefined ? {} : { ipRules: ipRules.map(toArmIp) }),
    ...(ipv6Rules === undefined ? {} : { ipv6Rules: ipv6Rules.map(toArmIp) }),
    ...(subnetRules === undefined ? {} : {
      virtualNetworkRules: subnetRules.map(({ subnetId, ...rest }) =>
        ({ virtualNetworkResourceId: subnetId, ...rest })),
    }),
    ...(resourceRules === undefined ? {} : { resourceAccessRules: [...resourceRules] }),
  };
}

function fromArmIp({ iPAddressOrRange, action }: { iPAddressOrRange: string; action?: "Allow" }) {
  return { value: iPAddressOrRange, ...(action === undefined ? {} : { action }) };
}

function toArmIp({ value, action }: { readonly value: string; readonly action?: "Allow" }) {
  return { iPAddressOrRange: value, ...(action === undefined ? {} : { action }) };
}
