import { withSuffix } from "../autoname";
import { asObject, group, pick, type ResourceKind } from "../kind";

const OUTSIDE = ["identity", "kind", "location", "tags"];
const SETTINGS = [
  "actions", "autoMitigate", "checkWorkspaceAlertsStorageConfigured", "criteria", "description", "displayName",
  "enabled", "evaluationFrequency", "muteActionsDuration", "overrideQueryTimeRange", "resolveConfiguration", "scopes",
  "severity", "skipQueryValidation", "targetResourceTypes", "windowSize",
];

export const logAlert: ResourceKind = {
  apiVersion: "2025-01-01-preview",
  inputs: ["resourceGroupName", "ruleName", ...OUTSIDE, ...SETTINGS],
  required: ["resourceGroupName"],
  immutable: ["location", "resourceGroupName", "ruleName"],
  naming: { property: "ruleName", generate: withSuffix },
  id: (inputs, subscription) =>
    `${group(inputs, subscription)}/providers/Microsoft.Insights/scheduledQueryRules/${String(inputs.ruleName)}`,
  toArm: (inputs) => ({ ...pick(inputs, OUTSIDE), properties: pick(inputs, SETTINGS) }),
  fromArm: (body) => ({ ...pick(body, OUTSIDE), ...asObject(body.properties) }),
};
