import * as managedidentity from "@pulumi/azure-native/managedidentity";
import * as network from "@pulumi/azure-native/network";
import * as pulumi from "@pulumi/pulumi";
import type { VmHostConfiguration } from "../config/host";

export interface VmGroundArgs {
  readonly host: Pick<VmHostConfiguration, "location" | "subnetId" | "addressSpace" | "internet">;
  readonly resourceGroupName: pulumi.Input<string>;
  /** Whether the destination is on Cosmos DB: its firewall asks for an endpoint of its own. */
  readonly toCosmos: boolean;
}

/**
 * Storage of any region, by private routing (Azure Storage, "cross-region service endpoints"): the source may be in
 * another one. It stands instead of Microsoft.Storage, never beside it.
 */
const STORAGE = "Microsoft.Storage.Global";

/**
 * What a machine that copies stands on: its identity, and a subnet that nothing comes into. Both come before the access
 * that they are granted, and the machine after that.
 */
export class VmGround extends pulumi.ComponentResource {
  readonly identity: {
    readonly id: pulumi.Output<string>;
    readonly clientId: pulumi.Output<string>;
    readonly principalId: pulumi.Output<string>;
  };
  /** For the firewalls of both accounts, and of the vault. */
  readonly subnetId: pulumi.Output<string>;

  constructor(name: string, args: VmGroundArgs, opts?: pulumi.ComponentResourceOptions) {
    super("landbridge:host:VmGround", name, {}, opts);
    const { resourceGroupName, host: { location } } = args;
    const own = { parent: this };
    const place = { resourceGroupName, location };
    const { id, clientId, principalId } = new managedidentity.UserAssignedIdentity(`${name}-identity`, place, own);
    this.identity = { id, clientId, principalId };
    const { host: { subnetId } } = args;
    this.subnetId = subnetId === undefined ? this.subnet(name, args, place).id : pulumi.output(subnetId);
    this.registerOutputs({ subnetId: this.subnetId, principalId });
  }

  private subnet(
    name: string,
    { host, toCosmos, resourceGroupName }: VmGroundArgs,
    place: { readonly resourceGroupName: pulumi.Input<string>; readonly location: string },
  ): network.Subnet {
    const own = { parent: this };
    const addresses = { addressSpace: { addressPrefixes: [host.addressSpace] } };
    // Subnets are resources of their own: an update of the network leaves them alone.
    const net = new network.VirtualNetwork(
      `${name}-network`,
      { ...place, ...addresses },
      { ...own, ignoreChanges: ["subnets"] },
    );
    const group = new network.NetworkSecurityGroup(
      `${name}-security`,
      {
        ...place,
        securityRules: [{
          name: "nothing-comes-in",
          priority: 100,
          direction: "Inbound",
          access: "Deny",
          protocol: "*",
          sourceAddressPrefix: "*",
          sourcePortRange: "*",
          destinationAddressPrefix: "*",
          destinationPortRange: "*",
        }],
      },
      own,
    );
    const services = [STORAGE, "Microsoft.KeyVault", ...(toCosmos ? ["Microsoft.AzureCosmosDB"] : [])];
    return new network.Subnet(
      `${name}-subnet`,
      {
        resourceGroupName,
        virtualNetworkName: net.name,
        addressPrefix: host.addressSpace,
        // Without a gateway nothing but the endpoints is reached.
        defaultOutboundAccess: false,
        networkSecurityGroup: { id: group.id },
        serviceEndpoints: services.map((service) => ({ service })),
        ...(host.internet === "nat" && { natGateway: { id: this.gateway(name, place).id } }),
      },
      own,
    );
  }

  /** What goes out shows this one address; nothing comes in by it. */
  private gateway(
    name: string,
    place: { readonly resourceGroupName: pulumi.Input<string>; readonly location: string },
  ): network.NatGateway {
    const own = { parent: this };
    const address = new network.PublicIPAddress(
      `${name}-gateway-address`,
      { ...place, publicIPAllocationMethod: "Static", sku: { name: "Standard" } },
      own,
    );
    return new network.NatGateway(
      `${name}-gateway`,
      { ...place, sku: { name: "Standard" }, publicIpAddresses: [{ id: address.id }] },
      own,
    );
  }
}
