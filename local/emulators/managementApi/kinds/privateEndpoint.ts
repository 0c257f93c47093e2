import { z } from "zod";
import { tagsSchema, type ArmCall } from "../kind";
import { badRequest, plainKind, requireResource } from "../plainKind";
import type { ArmResource } from "../state";
import { COSMOS_TYPE } from "./cosmosAccount";

const SUBNET = /\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+\/subnets\/[^/]+$/i;
const NAME: readonly [RegExp, string] = [
  /^[A-Za-z0-9][\w.-]{0,62}[A-Za-z0-9_]$/, "2 to 64 letters, digits, underscores, dots and hyphens",
];

const connection = z.strictObject({
  name: z.string().min(1),
  properties: z.strictObject({
    privateLinkServiceId: z.string(),
    groupIds: z.array(z.string()).length(1),
    requestMessage: z.string().optional(),
  }),
});
const endpointSchema = z.strictObject({
  location: z.string(),
  tags: tagsSchema.optional(),
  properties: z.strictObject({
    subnet: z.strictObject({
      id: z.string().regex(SUBNET, "a subnet's id"),
      properties: z.record(z.string(), z.unknown()).optional(),
    }),
    privateLinkServiceConnections: z.array(connection).length(1),
    customNetworkInterfaceName: z.string().optional(),
  }),
});
type Endpoint = z.infer<typeof endpointSchema>;

function checkEndpoint(call: ArmCall, { properties }: Endpoint, before: ArmResource | undefined): void {
  for (const { properties: { privateLinkServiceId, groupIds } } of properties.privateLinkServiceConnections) {
    requireResource(call, privateLinkServiceId, COSMOS_TYPE);
    // An account for tables has this sub-resource besides Sql, spelt so ("private endpoint DNS zone values").
    if (groupIds[0] !== "Table" && groupIds[0] !== "Sql") {
      throw badRequest(`The group id '${groupIds[0] ?? ""}' is none of the account's: Table, Sql.`);
    }
  }
  const subnet = (before?.properties["subnet"] as Endpoint["properties"]["subnet"] | undefined)?.id;
  if (subnet === undefined || subnet.toLowerCase() === properties.subnet.id.toLowerCase()) return;
  throw badRequest(`The subnet of a private endpoint cannot change from ${subnet} to ${properties.subnet.id}.`);
}

export const privateEndpoint = plainKind({
  type: "Microsoft.Network/privateEndpoints", schema: endpointSchema, name: NAME, check: checkEndpoint,
});

const groupSchema = z.strictObject({
  name: z.string().optional(),
  properties: z.strictObject({
    privateDnsZoneConfigs: z.array(z.strictObject({
      name: z.string().regex(/^[A-Za-z0-9-]+$/, "letters, digits and hyphens"),
      properties: z.strictObject({ privateDnsZoneId: z.string() }),
    })).min(1).max(5),
  }),
});

const ZONE = /\/providers\/Microsoft\.Network\/privateDnsZones\/[^/]+$/i;

/** A zone of somebody else's may be named; one of a subscription that is played here must be there. */
function checkGroup(call: ArmCall, { properties }: z.infer<typeof groupSchema>): void {
  for (const { properties: { privateDnsZoneId } } of properties.privateDnsZoneConfigs) {
    if (!ZONE.test(privateDnsZoneId)) throw badRequest(`'${privateDnsZoneId}' is no private DNS zone's id.`);
    const ours = privateDnsZoneId.toLowerCase().startsWith(`/subscriptions/${call.target.subscription}/`.toLowerCase());
    if (ours) requireResource(call, privateDnsZoneId);
  }
}

export const privateDnsZoneGroup = plainKind({
  type: "Microsoft.Network/privateEndpoints/privateDnsZoneGroups", schema: groupSchema, name: NAME, check: checkGroup,
});
