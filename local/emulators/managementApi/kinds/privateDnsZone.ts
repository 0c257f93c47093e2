import { z } from "zod";
import { tagsSchema, type ArmCall } from "../kind";
import { badRequest, plainKind } from "../plainKind";
import type { ArmResource } from "../state";

const zoneSchema = z.strictObject({ location: z.literal("global"), tags: tagsSchema.optional() });

export const privateDnsZone = plainKind({
  type: "Microsoft.Network/privateDnsZones",
  schema: zoneSchema,
  name: [/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i, "a domain of two labels or more"],
});

const VIRTUAL_NETWORK = /\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+$/i;
const linkSchema = z.strictObject({
  location: z.literal("global"),
  tags: tagsSchema.optional(),
  properties: z.strictObject({
    registrationEnabled: z.boolean(),
    resolutionPolicy: z.enum(["Default", "NxDomainRedirect"]).optional(),
    virtualNetwork: z.strictObject({ id: z.string().regex(VIRTUAL_NETWORK, "a virtual network's id") }),
  }),
});
type Link = z.infer<typeof linkSchema>;

function check(_: ArmCall, { properties }: Link, before: ArmResource | undefined): void {
  const linked = (before?.properties["virtualNetwork"] as Link["properties"]["virtualNetwork"] | undefined)?.id;
  if (linked === undefined || linked.toLowerCase() === properties.virtualNetwork.id.toLowerCase()) return;
  throw badRequest(`The virtual network of a link cannot change from ${linked} to ${properties.virtualNetwork.id}.`);
}

export const privateDnsZoneLink = plainKind({
  type: "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
  schema: linkSchema,
  name: [/^[A-Za-z0-9][\w.-]{0,79}$/, "1 to 80 letters, digits, underscores, dots and hyphens"],
  check,
});
