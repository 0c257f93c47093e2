import * as network from "@pulumi/azure-native/network";
import * as privatedns from "@pulumi/azure-native/privatedns";
import type * as pulumi from "@pulumi/pulumi";
import { tableDomain, type TableService } from "../../migration/access/tableDomain";
import { networkOf } from "./networkOf";

/** Where the private endpoint stands, and who finds it by name. */
export interface PrivateEndpointSettings {
  readonly subnetId: string;
  /** The network whose machines find the endpoint by the account's name: a zone is linked to it. Default: its own. */
  readonly virtualNetworkId?: string;
  /** The service's zone (`privateZoneOf`) that is there already, instead of one made here. */
  readonly privateDnsZoneId?: string;
}

export interface TablePrivateEndpointArgs extends PrivateEndpointSettings {
  readonly service: TableService;
  readonly accountName: string;
  readonly accountId: pulumi.Input<string>;
  readonly resourceGroupName: pulumi.Input<string>;
  readonly location: string;
}

/** Microsoft, "Azure private endpoint private DNS zone values": the sub-resource (group id) of each service. */
const GROUPS: Readonly<Record<TableService, string>> = { storage: "table", cosmos: "Table" };

/** The private DNS zone that a service's own names lead to (the same page). */
export function privateZoneOf(service: TableService): string {
  return `privatelink.${tableDomain(service)}`;
}

/**
 * A private endpoint for the account's tables, and the zone that makes the account's own name lead to it. Returns what
 * has to be there before anybody gets in that way.
 */
export function tablePrivateEndpoint(
  name: string,
  args: TablePrivateEndpointArgs,
  opts: pulumi.CustomResourceOptions,
): readonly pulumi.Resource[] {
  const { accountName, accountId, resourceGroupName, location, service } = args;
  const endpoint = new network.PrivateEndpoint(
    `${name}-endpoint`,
    {
      privateEndpointName: `${accountName}-table`,
      resourceGroupName,
      location,
      subnet: { id: args.subnetId },
      privateLinkServiceConnections: [{
        name: `${accountName}-table`,
        privateLinkServiceId: accountId,
        groupIds: [GROUPS[service]],
      }],
    },
    opts,
  );
  const made = args.privateDnsZoneId === undefined ? zone(name, args, opts) : undefined;
  const privateDnsZoneId = args.privateDnsZoneId ?? made?.zone.id;
  const group = new network.PrivateDnsZoneGroup(
    `${name}-endpoint-dns`,
    {
      privateDnsZoneGroupName: "default",
      privateEndpointName: endpoint.urn.apply(() => `${accountName}-table`),
      resourceGroupName,
      privateDnsZoneConfigs: [{ name: privateZoneOf(service).replaceAll(".", "-"), privateDnsZoneId }],
    },
    opts,
  );
  return [endpoint, group, ...(made === undefined ? [] : [made.link])];
}

/** Zones are global; without a link to a network nobody asks them. */
function zone(
  name: string,
  { resourceGroupName, service, subnetId, virtualNetworkId }: TablePrivateEndpointArgs,
  opts: pulumi.CustomResourceOptions,
): { readonly zone: privatedns.PrivateZone; readonly link: privatedns.VirtualNetworkLink } {
  const privateZoneName = privateZoneOf(service);
  const made = new privatedns.PrivateZone(
    `${name}-zone`,
    { privateZoneName, resourceGroupName, location: "global" },
    opts,
  );
  const link = new privatedns.VirtualNetworkLink(
    `${name}-zone-link`,
    {
      virtualNetworkLinkName: "landbridge",
      privateZoneName: made.urn.apply(() => privateZoneName),
      resourceGroupName,
      location: "global",
      registrationEnabled: false,
      virtualNetwork: { id: virtualNetworkId ?? networkOf(subnetId) },
    },
    opts,
  );
  return { zone: made, link };
}
