import { withSuffix } from "../autoname";
import { asObject, pick, type ResourceKind } from "../kind";

const SETTINGS = ["logAnalyticsDestinationType", "logs", "metrics", "storageAccountId", "workspaceId"];

export const diagnosticSetting: ResourceKind = {
  apiVersion: "2021-05-01-preview",
  inputs: ["name", "resourceUri", ...SETTINGS],
  required: ["resourceUri"],
  immutable: ["name", "resourceUri"],
  naming: { property: "name", generate: withSuffix },
  id: (inputs) =>
    `${String(inputs.resourceUri)}/providers/Microsoft.Insights/diagnosticSettings/${String(inputs.name)}`,
  toArm: (inputs) => ({ properties: pick(inputs, SETTINGS) }),
  fromArm: (body) => pick(asObject(body.properties), SETTINGS),
};
