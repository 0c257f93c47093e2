import { plainWithSuffix } from "../autoname";
import { asList, asObject, group, inverse, pick, rename, type ResourceKind } from "../kind";
import type { Json } from "../armClient";

/** Names that azure-native gives to properties of the management API. */
const NAMES = { enableHttpsTrafficOnly: "supportsHttpsTrafficOnly", networkRuleSet: "networkAcls" };
const IP_RULE = { iPAddressOrRange: "value" };
const SUBNET_RULE = { virtualNetworkResourceId: "id" };
const OUTSIDE = ["identity", "kind", "location", "sku", "tags"];
const SETTINGS = [
  "accessTier", "allowBlobPublicAccess", "allowCrossTenantReplication", "allowSharedKeyAccess", "allowedCopyScope",
  "defaultToOAuthAuthentication", "dnsEndpointType", "enableHttpsTrafficOnly", "encryption", "isHnsEnabled",
  "isLocalUserEnabled", "isSftpEnabled", "keyPolicy", "largeFileSharesState", "minimumTlsVersion", "networkRuleSet",
  "publicNetworkAccess", "routingPreference", "sasPolicy",
];

function mapRules(rules: Json, ip: Readonly<Record<string, string>>, subnet: Readonly<Record<string, string>>): Json {
  const lists = {
    ipRules: asList(rules.ipRules).map((rule) => rename(rule, ip)),
    virtualNetworkRules: asList(rules.virtualNetworkRules).map((rule) => rename(rule, subnet)),
  };
  return { ...rules, ...pick(lists, Object.keys(lists).filter((key) => rules[key] !== undefined)) };
}

export const storageAccount: ResourceKind = {
  apiVersion: "2024-01-01",
  inputs: ["accountName", "resourceGroupName", ...OUTSIDE, ...SETTINGS],
  required: ["kind", "resourceGroupName", "sku"],
  immutable: ["accountName", "dnsEndpointType", "isHnsEnabled", "location", "resourceGroupName"],
  naming: { property: "accountName", generate: plainWithSuffix },
  id: (inputs, subscription) =>
    `${group(inputs, subscription)}/providers/Microsoft.Storage/storageAccounts/${String(inputs.accountName)}`,
  toArm: (inputs) => {
    const settings = rename(pick(inputs, SETTINGS), NAMES);
    if (settings.networkAcls === undefined) return { ...pick(inputs, OUTSIDE), properties: settings };
    const networkAcls = mapRules(asObject(settings.networkAcls), IP_RULE, SUBNET_RULE);
    return { ...pick(inputs, OUTSIDE), properties: { ...settings, networkAcls } };
  },
  fromArm: (body) => {
    const { networkAcls, ...settings } = asObject(body.properties);
    const rules = mapRules(asObject(networkAcls), inverse(IP_RULE), inverse(SUBNET_RULE));
    const outputs = rename(settings, inverse(NAMES));
    return { ...pick(body, OUTSIDE), ...outputs, networkRuleSet: rules };
  },
};
