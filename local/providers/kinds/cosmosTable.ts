import { plainWithSuffix } from "../autoname";
import { asObject, group, pick, type ResourceKind } from "../kind";

export const cosmosTable: ResourceKind = {
  apiVersion: "2025-10-15",
  inputs: ["accountName", "location", "options", "resource", "resourceGroupName", "tableName", "tags"],
  required: ["accountName", "resource", "resourceGroupName"],
  immutable: ["accountName", "resourceGroupName", "tableName"],
  naming: { property: "tableName", generate: plainWithSuffix },
  id: (inputs, subscription) => {
    const account = `providers/Microsoft.DocumentDB/databaseAccounts/${String(inputs.accountName)}`;
    return `${group(inputs, subscription)}/${account}/tables/${String(inputs.tableName)}`;
  },
  toArm: (inputs) => ({ ...pick(inputs, ["location", "tags"]), properties: pick(inputs, ["options", "resource"]) }),
  fromArm: (body) => ({ ...pick(body, ["tags"]), ...pick(asObject(body.properties), ["options", "resource"]) }),
};
