import { withSuffix } from "../autoname";
import { asObject, group, pick, type ResourceKind } from "../kind";

const SETTINGS = [
  "features", "publicNetworkAccessForIngestion", "publicNetworkAccessForQuery", "retentionInDays", "sku",
  "workspaceCapping",
];

export const workspace: ResourceKind = {
  apiVersion: "2023-09-01",
  inputs: ["location", "resourceGroupName", "tags", "workspaceName", ...SETTINGS],
  required: ["resourceGroupName"],
  immutable: ["location", "resourceGroupName", "workspaceName"],
  naming: { property: "workspaceName", generate: withSuffix },
  id: (inputs, subscription) =>
    `${group(inputs, subscription)}/providers/Microsoft.OperationalInsights/workspaces/${String(inputs.workspaceName)}`,
  toArm: (inputs) => ({ ...pick(inputs, ["location", "tags"]), properties: pick(inputs, SETTINGS) }),
  fromArm: (body) => ({ ...pick(body, ["tags"]), ...asObject(body.properties) }),
};
