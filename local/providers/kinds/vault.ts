import { withSuffix } from "../autoname";
import { group, pick, type ResourceKind } from "../kind";

export const vault: ResourceKind = {
  apiVersion: "2024-11-01",
  inputs: ["location", "properties", "resourceGroupName", "tags", "vaultName"],
  required: ["properties", "resourceGroupName"],
  immutable: ["location", "resourceGroupName", "vaultName"],
  naming: { property: "vaultName", generate: withSuffix },
  id: (inputs, subscription) =>
    `${group(inputs, subscription)}/providers/Microsoft.KeyVault/vaults/${String(inputs.vaultName)}`,
  toArm: (inputs) => pick(inputs, ["location", "properties", "tags"]),
  fromArm: (body) => pick(body, ["properties", "tags"]),
};
