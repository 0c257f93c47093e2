import { randomUUID } from "node:crypto";
import { asObject, group, pick, type ResourceKind } from "../kind";

const SETTINGS = ["principalId", "roleDefinitionId", "scope"];

export const cosmosRole: ResourceKind = {
  apiVersion: "2024-12-01-preview",
  inputs: ["accountName", "resourceGroupName", "roleAssignmentId", ...SETTINGS],
  required: ["accountName", "resourceGroupName"],
  immutable: ["accountName", "resourceGroupName", "roleAssignmentId"],
  naming: { property: "roleAssignmentId", generate: () => randomUUID() },
  id: (inputs, subscription) => {
    const account = `providers/Microsoft.DocumentDB/databaseAccounts/${String(inputs.accountName)}`;
    return `${group(inputs, subscription)}/${account}/tableRoleAssignments/${String(inputs.roleAssignmentId)}`;
  },
  toArm: (inputs) => ({ properties: pick(inputs, SETTINGS) }),
  fromArm: (body) => asObject(body.properties),
};
