import { withSuffix } from "../autoname";
import { asObject, group, pick, type ResourceKind } from "../kind";

export const userAssignedIdentity: ResourceKind = {
  apiVersion: "2023-01-31",
  inputs: ["location", "resourceGroupName", "resourceName", "tags"],
  required: ["resourceGroupName"],
  immutable: ["location", "resourceGroupName", "resourceName"],
  naming: { property: "resourceName", generate: withSuffix },
  id: (inputs, subscription) => `${group(inputs, subscription)}/providers/Microsoft.ManagedIdentity/`
    + `userAssignedIdentities/${String(inputs.resourceName)}`,
  toArm: (inputs) => pick(inputs, ["location", "tags"]),
  fromArm: (body) => ({
    ...pick(body, ["tags"]),
    ...pick(asObject(body.properties), ["clientId", "principalId", "tenantId"]),
  }),
};
