import * as network from "@pulumi/azure-native/network";
import * as privatedns from "@pulumi/azure-native/privatedns";
import type * as pulumi from "@pulumi/pulumi";

/** Where the private endpoint stands, and who finds it by name. */
export interface PrivateEndpointSettings {
  readonly subnetId: string;
  /** The network whose machines resolve the account's name to the endpoint: a zone is made and linked to it. */
  readonly virtualNetworkId?: string;
  /** A zone `privatelink.table.cosmos.azure.com` that is there already, instead of one made here. */
  readonly privateDnsZoneId?: string;
}

export interface CosmosPrivateEndpointArgs extends PrivateEndpointSettings {
  readonly accountName: string;
  readonly accountId: pulumi.Input<string>;
  readonly resourceGroupName: pulumi.Input<string>;
  readonly location: string;
}

/** Microsoft, "Azure private endpoint private DNS zone values": Cosmos DB, sub-resource Table. */
const ZONE = "privatelink.table.cosmos.azure.com";
const SUB_RESOURCE = "Table";

/** A private endpoint for the account's tables, and the zone that makes the account's own name lead to it. */
export function cosmosPrivateEndpoint(
  name: string,
  args: CosmosPrivateEndpointArgs,
  opts: pulumi.CustomResourceOptions,
): network.PrivateEndpoint {
  const { accountName, accountId, resourceGroupName, location } = args;
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
        groupIds: [SUB_RESOURCE],
      }],
    },
    opts,
  );
  const privateDnsZoneId = args.privateDnsZoneId ?? zone(name, args, opts);
  new network.PrivateDnsZoneGroup(
    `${name}-endpoint-dns`,
    {
      privateDnsZoneGroupName: "default",
      privateEndpointName: endpoint.urn.apply(() => `${accountName}-table`),
      resourceGroupName,
      privateDnsZoneConfigs: [{ name: ZONE.replaceAll(".", "-"), privateDnsZoneId }],
    },
    opts,
  );
  return endpoint;
}

/** Zones are global; without a link to a network nobody asks them. */
function zone(
  name: string,
  { resourceGroupName, virtualNetworkId }: CosmosPrivateEndpointArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const made = new privatedns.PrivateZone(
    `${name}-zone`,
    { privateZoneName: ZONE, resourceGroupName, location: "global" },
    opts,
  );
  if (virtualNetworkId !== undefined) {
    new privatedns.VirtualNetworkLink(
      `${name}-zone-link`,
      {
        virtualNetworkLinkName: "landbridge",
        privateZoneName: made.urn.apply(() => ZONE),
        resourceGroupName,
        location: "global",
        registrationEnabled: false,
        virtualNetwork: { id: virtualNetworkId },
      },
      opts,
    );
  }
  return made.id;
}
