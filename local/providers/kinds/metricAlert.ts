import { withSuffix } from "../autoname";
import { asObject, group, pick, rename, type ResourceKind } from "../kind";

const SETTINGS = [
  "actions", "autoMitigate", "criteria", "description", "enabled", "evaluationFrequency", "scopes", "severity",
  "targetResourceRegion", "targetResourceType", "windowSize",
];

export const metricAlert: ResourceKind = {
  apiVersion: "2018-03-01",
  inputs: ["location", "resourceGroupName", "ruleName", "tags", ...SETTINGS],
  required: ["criteria", "enabled", "evaluationFrequency", "resourceGroupName", "scopes", "severity", "windowSize"],
  immutable: ["location", "resourceGroupName", "ruleName"],
  naming: { property: "ruleName", generate: withSuffix },
  id: (inputs, subscription) =>
    `${group(inputs, subscription)}/providers/Microsoft.Insights/metricAlerts/${String(inputs.ruleName)}`,
  toArm: (inputs) => {
    const { criteria, ...settings } = pick(inputs, SETTINGS);
    const named = rename(asObject(criteria), { odataType: "odata.type" });
    return { ...pick(inputs, ["location", "tags"]), properties: { ...settings, criteria: named } };
  },
  fromArm: (body) => {
    const { criteria, ...settings } = asObject(body.properties);
    const named = rename(asObject(criteria), { "odata.type": "odataType" });
    return { ...pick(body, ["tags"]), ...settings, criteria: named };
  },
};
