import { withSuffix } from "../autoname";
import { pick, type ResourceKind } from "../kind";

export const resourceGroup: ResourceKind = {
  apiVersion: "2024-03-01",
  inputs: ["location", "managedBy", "resourceGroupName", "tags"],
  required: ["location"],
  immutable: ["location", "resourceGroupName"],
  naming: { property: "resourceGroupName", generate: withSuffix },
  id: (inputs, subscription) => `/subscriptions/${subscription}/resourceGroups/${String(inputs.resourceGroupName)}`,
  toArm: (inputs) => pick(inputs, ["location", "managedBy", "tags"]),
  fromArm: (body) => pick(body, ["managedBy", "properties", "tags"]),
};
