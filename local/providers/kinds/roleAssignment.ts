import { randomUUID } from "node:crypto";
import { asObject, pick, type ResourceKind } from "../kind";

const SETTINGS = [
  "condition", "conditionVersion", "delegatedManagedIdentityResourceId", "description", "principalId", "principalType",
  "roleDefinitionId",
];

export const roleAssignment: ResourceKind = {
  apiVersion: "2022-04-01",
  inputs: ["roleAssignmentName", "scope", ...SETTINGS],
  required: ["principalId", "roleDefinitionId", "scope"],
  immutable: ["principalId", "roleAssignmentName", "roleDefinitionId", "scope"],
  naming: { property: "roleAssignmentName", generate: () => randomUUID() },
  id: (inputs) =>
    `${String(inputs.scope)}/providers/Microsoft.Authorization/roleAssignments/${String(inputs.roleAssignmentName)}`,
  toArm: (inputs) => ({ properties: pick(inputs, SETTINGS) }),
  fromArm: (body) => asObject(body.properties),
};
