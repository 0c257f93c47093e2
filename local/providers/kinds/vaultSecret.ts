import { withSuffix } from "../autoname";
import { asObject, group, inverse, pick, rename, type ResourceKind } from "../kind";

const ATTRIBUTES = { expires: "exp", notBefore: "nbf" };

export const vaultSecret: ResourceKind = {
  apiVersion: "2024-11-01",
  inputs: ["properties", "resourceGroupName", "secretName", "tags", "vaultName"],
  required: ["properties", "resourceGroupName", "vaultName"],
  immutable: ["resourceGroupName", "secretName", "vaultName"],
  naming: { property: "secretName", generate: withSuffix },
  id: (inputs, subscription) => {
    const vault = `providers/Microsoft.KeyVault/vaults/${String(inputs.vaultName)}`;
    return `${group(inputs, subscription)}/${vault}/secrets/${String(inputs.secretName)}`;
  },
  toArm: (inputs) => {
    const { attributes, ...properties } = asObject(inputs.properties);
    const renamed = attributes === undefined ? {} : { attributes: rename(asObject(attributes), ATTRIBUTES) };
    return { ...pick(inputs, ["tags"]), properties: { ...properties, ...renamed } };
  },
  fromArm: (body) => {
    const { attributes, ...properties } = asObject(body.properties);
    const renamed = rename(asObject(attributes), inverse(ATTRIBUTES));
    return { ...pick(body, ["tags"]), properties: { ...properties, attributes: renamed } };
  },
  // The management API deletes no secrets: azure-native goes through the vault itself.
  deletePath: (id) => {
    const { vault, name } = /\/vaults\/(?<vault>[^/]+)\/secrets\/(?<name>[^/]+)$/.exec(id)?.groups ?? {};
    return `/keyvault/${vault ?? ""}/secrets/${name ?? ""}`;
  },
};
