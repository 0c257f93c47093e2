import { withSuffix } from "../autoname";
import { asObject, group, pick, type ResourceKind } from "../kind";

export const privateDnsZone: ResourceKind = {
  apiVersion: "2024-06-01",
  inputs: ["location", "privateZoneName", "resourceGroupName", "tags"],
  required: ["resourceGroupName"],
  immutable: ["location", "privateZoneName", "resourceGroupName"],
  naming: { property: "privateZoneName", generate: withSuffix },
  id: (inputs, subscription) =>
    `${group(inputs, subscription)}/providers/Microsoft.Network/privateDnsZones/${String(inputs.privateZoneName)}`,
  toArm: (inputs) => pick(inputs, ["location", "tags"]),
  fromArm: (body) => pick(body, ["tags"]),
};

const LINK = ["registrationEnabled", "resolutionPolicy", "virtualNetwork"];

export const virtualNetworkLink: ResourceKind = {
  apiVersion: "2024-06-01",
  inputs: ["location", "privateZoneName", "resourceGroupName", "tags", "virtualNetworkLinkName", ...LINK],
  required: ["privateZoneName", "resourceGroupName"],
  immutable: ["location", "privateZoneName", "resourceGroupName", "virtualNetworkLinkName"],
  naming: { property: "virtualNetworkLinkName", generate: withSuffix },
  id: (inputs, subscription) =>
    `${privateDnsZone.id(inputs, subscription)}/virtualNetworkLinks/${String(inputs.virtualNetworkLinkName)}`,
  toArm: (inputs) => ({ ...pick(inputs, ["location", "tags"]), properties: pick(inputs, LINK) }),
  fromArm: (body) => ({ ...pick(body, ["tags"]), ...pick(asObject(body.properties), LINK) }),
};
