import { withSuffix } from "../autoname";
import { asObject, group, pick, type ResourceKind } from "../kind";

const OUTSIDE = ["identity", "kind", "location", "tags"];
const SETTINGS = [
  "analyticalStorageConfiguration", "apiProperties", "backupPolicy", "capabilities", "capacity", "connectorOffer",
  "consistencyPolicy", "cors", "createMode", "customerManagedKeyStatus", "databaseAccountOfferType", "defaultIdentity",
  "defaultPriorityLevel", "disableKeyBasedMetadataWriteAccess", "disableLocalAuth", "enableAnalyticalStorage",
  "enableAutomaticFailover", "enableBurstCapacity", "enableCassandraConnector", "enableFreeTier",
  "enableMultipleWriteLocations", "enablePartitionMerge", "enablePerRegionPerPartitionAutoscale",
  "enablePriorityBasedExecution", "ipRules", "isVirtualNetworkFilterEnabled", "keyVaultKeyUri", "locations",
  "minimalTlsVersion", "networkAclBypass", "networkAclBypassResourceIds", "publicNetworkAccess", "restoreParameters",
  "virtualNetworkRules",
];

export const cosmosAccount: ResourceKind = {
  apiVersion: "2025-10-15",
  inputs: ["accountName", "resourceGroupName", ...OUTSIDE, ...SETTINGS],
  required: ["databaseAccountOfferType", "locations", "resourceGroupName"],
  immutable: ["accountName", "location", "resourceGroupName"],
  naming: { property: "accountName", generate: withSuffix },
  id: (inputs, subscription) =>
    `${group(inputs, subscription)}/providers/Microsoft.DocumentDB/databaseAccounts/${String(inputs.accountName)}`,
  toArm: (inputs) => ({ ...pick(inputs, OUTSIDE), properties: pick(inputs, SETTINGS) }),
  fromArm: (body) => ({ ...pick(body, OUTSIDE), ...asObject(body.properties) }),
};
