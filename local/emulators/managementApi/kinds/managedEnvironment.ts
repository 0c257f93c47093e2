import { z } from "zod";
import { tagsSchema, type ArmCall } from "../kind";
import { badRequest, plainKind } from "../plainKind";
import type { ArmResource } from "../state";

const schema = z.strictObject({
  location: z.string(),
  kind: z.string().optional(),
  tags: tagsSchema.optional(),
  identity: z.record(z.string(), z.unknown()).optional(),
  properties: z.strictObject({
    appLogsConfiguration: z.strictObject({
      destination: z.enum(["azure-monitor", "log-analytics", "none"]),
      logAnalyticsConfiguration: z.record(z.string(), z.unknown()).optional(),
    }).optional(),
    publicNetworkAccess: z.enum(["Enabled", "Disabled"]).optional(),
    vnetConfiguration: z.strictObject({
      infrastructureSubnetId: z.string().regex(/\/virtualNetworks\/[^/]+\/subnets\/[^/]+$/i, "a subnet's id"),
      internal: z.boolean().optional(),
    }).optional(),
    workloadProfiles: z.array(z.strictObject({
      name: z.string(), workloadProfileType: z.string(),
      minimumCount: z.int().optional(), maximumCount: z.int().optional(),
    })).optional(),
    zoneRedundant: z.boolean().optional(),
  }),
});
type Environment = z.infer<typeof schema>;

function check(_: ArmCall, { properties }: Environment, before: ArmResource | undefined): void {
  const { destination, logAnalyticsConfiguration } = properties.appLogsConfiguration ?? {};
  if (destination === "log-analytics" && logAnalyticsConfiguration === undefined) {
    throw badRequest("The logs' destination log-analytics needs logAnalyticsConfiguration.");
  }
  if (before === undefined) return;
  const subnet = (of: unknown) => JSON.stringify(of ?? null);
  if (subnet(before.properties["vnetConfiguration"]) !== subnet(properties.vnetConfiguration)) {
    throw badRequest("The virtual network of a container apps environment cannot change: make another one.");
  }
}

export const managedEnvironment = plainKind({
  type: "Microsoft.App/managedEnvironments",
  schema,
  name: [/^[A-Za-z][A-Za-z0-9-]{0,58}[A-Za-z0-9]$/, "2 to 60 letters, digits and hyphens, a letter first"],
  check,
});
