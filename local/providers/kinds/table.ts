import { plainWithSuffix } from "../autoname";
import { asObject, group, pick, type ResourceKind } from "../kind";

export const table: ResourceKind = {
  apiVersion: "2024-01-01",
  inputs: ["accountName", "resourceGroupName", "signedIdentifiers", "tableName"],
  required: ["accountName", "resourceGroupName"],
  immutable: ["accountName", "resourceGroupName", "tableName"],
  naming: { property: "tableName", generate: plainWithSuffix },
  id: (inputs, subscription) => {
    const account = `providers/Microsoft.Storage/storageAccounts/${String(inputs.accountName)}`;
    return `${group(inputs, subscription)}/${account}/tableServices/default/tables/${String(inputs.tableName)}`;
  },
  toArm: (inputs) => ({ properties: pick(inputs, ["signedIdentifiers", "tableName"]) }),
  fromArm: (body) => pick(asObject(body.properties), ["signedIdentifiers", "tableName"]),
};
