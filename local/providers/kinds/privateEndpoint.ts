import { withSuffix } from "../autoname";
import { asList, asObject, group, omit, pick, type ResourceKind } from "../kind";
import type { Json } from "../armClient";

const SETTINGS = [
  "applicationSecurityGroups", "customDnsConfigs", "customNetworkInterfaceName", "ipConfigurations",
  "manualPrivateLinkServiceConnections", "privateLinkServiceConnections", "subnet",
];

/** The management API has a list's settings apart from its names; azure-native has them side by side. */
function inside(list: unknown): readonly Json[] {
  return asList(list).map((item) => ({ ...pick(item, ["name"]), properties: omit(item, "name", "id") }));
}

/** A subnet's policies are its own settings: they are sent with it, and nothing comes of them here. */
function subnetToArm(subnet: unknown): Json {
  if (subnet === undefined) return {};
  return { subnet: { ...pick(asObject(subnet), ["id"]), properties: omit(asObject(subnet), "id") } };
}

function flat(list: unknown): readonly Json[] {
  return asList(list).map((item) => ({ ...pick(item, ["name"]), ...asObject(item["properties"]) }));
}

export const privateEndpoint: ResourceKind = {
  apiVersion: "2024-05-01",
  inputs: ["extendedLocation", "id", "location", "privateEndpointName", "resourceGroupName", "tags", ...SETTINGS],
  required: ["resourceGroupName"],
  immutable: ["extendedLocation", "location", "privateEndpointName", "resourceGroupName"],
  naming: { property: "privateEndpointName", generate: withSuffix },
  id: (inputs, subscription) =>
    `${group(inputs, subscription)}/providers/Microsoft.Network/privateEndpoints/${String(inputs.privateEndpointName)}`,
  toArm: (inputs) => {
    const { privateLinkServiceConnections: connections, subnet, ...settings } = pick(inputs, SETTINGS);
    const properties = { ...settings, ...subnetToArm(subnet), privateLinkServiceConnections: inside(connections) };
    return { ...pick(inputs, ["location", "tags"]), properties };
  },
  fromArm: (body) => {
    const { privateLinkServiceConnections: connections, subnet, ...settings } = asObject(body.properties);
    const { id, properties } = asObject(subnet);
    const network = { subnet: { id, ...asObject(properties) } };
    return { ...pick(body, ["tags"]), ...settings, ...network, privateLinkServiceConnections: flat(connections) };
  },
};

export const privateDnsZoneGroup: ResourceKind = {
  apiVersion: "2024-05-01",
  inputs: [
    "id", "name", "privateDnsZoneConfigs", "privateDnsZoneGroupName", "privateEndpointName", "resourceGroupName",
  ],
  required: ["privateEndpointName", "resourceGroupName"],
  immutable: ["privateDnsZoneGroupName", "privateEndpointName", "resourceGroupName"],
  naming: { property: "privateDnsZoneGroupName", generate: withSuffix },
  id: (inputs, subscription) => `${privateEndpoint.id(inputs, subscription)}/privateDnsZoneGroups/`
    + String(inputs.privateDnsZoneGroupName),
  toArm: (inputs) => ({ properties: { privateDnsZoneConfigs: inside(inputs.privateDnsZoneConfigs) } }),
  fromArm: (body) => ({ privateDnsZoneConfigs: flat(asObject(body.properties)["privateDnsZoneConfigs"]) }),
};
