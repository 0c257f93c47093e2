import { withSuffix } from "../autoname";
import { asObject, group, pick, type ResourceKind } from "../kind";
import type { Json } from "../armClient";

const OF_ENVIRONMENT = [
  "appInsightsConfiguration", "appLogsConfiguration", "availabilityZones", "customDomainConfiguration",
  "daprAIConnectionString", "daprAIInstrumentationKey", "diskEncryptionConfiguration", "infrastructureResourceGroup",
  "ingressConfiguration", "openTelemetryConfiguration", "peerAuthentication", "peerTrafficConfiguration",
  "publicNetworkAccess", "vnetConfiguration", "workloadProfiles", "zoneRedundant",
];
const OUTSIDE = ["identity", "kind", "location", "tags"];

export const managedEnvironment: ResourceKind = {
  apiVersion: "2025-02-02-preview",
  inputs: ["environmentName", "resourceGroupName", ...OUTSIDE, ...OF_ENVIRONMENT],
  required: ["resourceGroupName"],
  immutable: ["environmentName", "location", "resourceGroupName"],
  naming: { property: "environmentName", generate: withSuffix },
  id: (inputs, subscription) =>
    `${group(inputs, subscription)}/providers/Microsoft.App/managedEnvironments/${String(inputs.environmentName)}`,
  toArm: (inputs) => ({ ...pick(inputs, OUTSIDE), properties: pick(inputs, OF_ENVIRONMENT) }),
  fromArm: (body) => ({ ...pick(body, OUTSIDE), ...asObject(body.properties) }),
};

const OF_JOB = ["configuration", "environmentId", "template", "workloadProfileName"];

/** azure-native lists the identities; the management API has a map of them. */
function identityToArm(identity: unknown): Json {
  if (identity === undefined) return {};
  const { userAssignedIdentities: ids, ...rest } = asObject(identity);
  const map = Array.isArray(ids) ? Object.fromEntries(ids.map((id) => [String(id), {}])) : undefined;
  return { identity: { ...rest, ...(map === undefined ? {} : { userAssignedIdentities: map }) } };
}

export const containerJob: ResourceKind = {
  apiVersion: "2025-02-02-preview",
  inputs: ["extendedLocation", "identity", "jobName", "location", "resourceGroupName", "tags", ...OF_JOB],
  required: ["resourceGroupName"],
  immutable: ["extendedLocation", "jobName", "location", "resourceGroupName"],
  naming: { property: "jobName", generate: withSuffix },
  id: (inputs, subscription) =>
    `${group(inputs, subscription)}/providers/Microsoft.App/jobs/${String(inputs.jobName)}`,
  toArm: (inputs) => {
    const outside = { ...pick(inputs, ["location", "tags"]), ...identityToArm(inputs.identity) };
    return { ...outside, properties: pick(inputs, OF_JOB) };
  },
  fromArm: (body) => ({ ...pick(body, ["identity", "tags"]), ...asObject(body.properties) }),
};
