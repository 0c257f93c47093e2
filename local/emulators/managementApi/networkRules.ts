import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import { ArmError } from "./armError";

const ruleSchema = z.strictObject({ value: z.string(), action: z.literal("Allow").default("Allow") });
const subnetSchema = z.strictObject({
  id: z.string(),
  action: z.literal("Allow").default("Allow"),
  state: z.string().optional(),
});

export const networkAclsSchema = z.strictObject({
  bypass: z.string().default("AzureServices"),
  defaultAction: z.enum(["Allow", "Deny"]),
  ipRules: z.array(ruleSchema).default([]),
  ipv6Rules: z.array(ruleSchema).optional(),
  virtualNetworkRules: z.array(subnetSchema).default([]),
  resourceAccessRules: z.array(z.record(z.string(), z.unknown())).default([]),
});

export type NetworkAcls = z.infer<typeof networkAclsSchema>;

export const OPEN: NetworkAcls = {
  bypass: "AzureServices",
  defaultAction: "Allow",
  ipRules: [],
  ipv6Rules: [],
  virtualNetworkRules: [],
  resourceAccessRules: [],
};

/** The first version whose rule sets speak of IPv6: an older one drops such rules when it sends a set back. */
const IPV6_SINCE = "2025-01-01";
/** Most IP rules, and most subnets, per account (Azure Storage scalability targets). */
const RULES_MAX = 400;
const SUBNET = new RegExp(
  "^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\\.Network/virtualNetworks/[^/]+/subnets/[^/]+$",
  "i",
);

function isPrivate(address: string): boolean {
  const [first = 0, second = 0] = address.split(".").map(Number);
  return first === 10 || (first === 172 && second >= 16 && second <= 31) || (first === 192 && second === 168);
}

function isPublicRange(value: string): boolean {
  const [address = "", prefix, ...more] = value.split("/");
  if (more.length > 0 || !isIPv4(address) || isPrivate(address)) return false;
  // /31 and /32 are refused: single addresses are to be written without a prefix.
  return prefix === undefined || (/^\d{1,2}$/.test(prefix) && Number(prefix) >= 0 && Number(prefix) <= 30);
}

function isIpv6Range(value: string): boolean {
  const [address = "", prefix, ...more] = value.split("/");
  return more.length === 0 && isIPv6(address) && (prefix === undefined || /^\d{1,3}$/.test(prefix));
}

function invalid(what: string): ArmError {
  const message = `Values for request parameters are invalid: ${what}. `
    + "For more information, see - https://aka.ms/storagenetworkruleset";
  return new ArmError(400, "InvalidValuesForRequestParameters", message);
}

/** The set as it will be kept: whole, never merged with what was there. */
export function checkNetworkAcls(wanted: NetworkAcls, apiVersion: string): NetworkAcls {
  const { ipRules, virtualNetworkRules } = wanted;
  const knowsIpv6 = apiVersion >= IPV6_SINCE;
  if (!knowsIpv6 && wanted.ipv6Rules !== undefined) {
    const message = `Could not find member 'ipv6Rules' in API version ${apiVersion}.`;
    throw new ArmError(400, "InvalidRequestContent", message);
  }
  const ipv6Rules = wanted.ipv6Rules ?? [];
  const addresses = [...ipRules, ...ipv6Rules].map(({ value }) => value);
  if (!ipRules.every(({ value }) => isPublicRange(value))) throw invalid("networkAcls.ipRule[*].value");
  if (!ipv6Rules.every(({ value }) => isIpv6Range(value))) throw invalid("networkAcls.ipv6Rule[*].value");
  if (!virtualNetworkRules.every(({ id }) => SUBNET.test(id))) throw invalid("networkAcls.virtualNetworkRule[*].id");
  if (new Set(addresses).size !== addresses.length) throw invalid("networkAcls.ipRule[*] (duplicate)");
  if (addresses.length > RULES_MAX || virtualNetworkRules.length > RULES_MAX) throw invalid("networkAcls (too many)");
  const subnets = virtualNetworkRules.map((rule) => ({ ...rule, state: "Succeeded" }));
  return { ...wanted, ipv6Rules, virtualNetworkRules: subnets };
}

export function showNetworkAcls(kept: NetworkAcls, apiVersion: string): NetworkAcls {
  const { ipv6Rules = [], ...known } = kept;
  return apiVersion >= IPV6_SINCE ? { ...known, ipv6Rules } : known;
}
