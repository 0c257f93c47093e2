import { networkOf } from "../azure/networkOf";
import type { DestinationConfiguration } from "../config/destination";
import type { HostConfiguration } from "../config/host";

/** Resource ids are the same in whatever case. */
function isSameNetwork(one: string, other: string): boolean {
  return networkOf(one).toLowerCase() === networkOf(other).toLowerCase();
}

/** Whether the endpoint's zone, if this stack makes one, is linked to the network of that subnet. */
function isLinked({ privateEndpoint }: DestinationConfiguration, subnetId: string): boolean {
  if (privateEndpoint === undefined || privateEndpoint.privateDnsZoneId !== undefined) return false;
  return isSameNetwork(privateEndpoint.virtualNetworkId ?? privateEndpoint.subnetId, subnetId);
}

function privateWay(host: HostConfiguration, destination: DestinationConfiguration, domain: string): string {
  const only = "The account is reached by its private endpoint alone: no rule for addresses or subnets lets it in, and "
    + `what counts is where ${domain} leads from there, not from this machine.`;
  if (host.kind === "vm" && host.subnetId !== undefined && isLinked(destination, host.subnetId)) {
    return `${only} Its subnet is in the network that the endpoint's zone is linked to: right.`;
  }
  const remedy = host.kind === "vm"
    ? "See that its subnet's network leads to the endpoint (peered, and linked to the zone)."
    : `Ask it before the move (getent hosts ${domain}): the answer has to be a private address.`;
  return `${only} ${remedy}`;
}

function publicWay(host: HostConfiguration, location: string): string {
  if (host.kind === "vm") {
    return "It comes in by the rule for its subnet; rules for addresses (environment.ipRanges) do not meet it.";
  }
  if (host.region === undefined) {
    return "It comes in by its public address: environment.ipRanges, or permanentIpRanges, have to hold that. If it is "
      + "in Azure, write host.region.";
  }
  if (host.region.toLowerCase() !== location.toLowerCase()) {
    return `It is in ${host.region}, and the account in ${location}: it comes in by its public address `
      + "(environment.ipRanges), or by a subnet with a service endpoint that reaches other regions "
      + "(environment.subnetIds; Microsoft.Storage.Global, or Microsoft.AzureCosmosDB).";
  }
  return `It is in ${host.region} as the account is: rules for subnets let it in (environment.subnetIds), and rules `
    + "for addresses do not meet it.";
}

/**
 * How the host that copies gets into the destination, for people: its view counts, not that of the machine that
 * deploys. Told from the configuration alone; nobody asks the host.
 */
export function hostReachText(host: HostConfiguration, destination: DestinationConfiguration, domain: string): string {
  const who = host.kind === "ssh" ? `${host.user}@${host.address}` : `a machine in ${host.location}`;
  const way = destination.publicNetworkAccess === "disabled"
    ? privateWay(host, destination, domain)
    : publicWay(host, destination.location);
  return `${who} copies to ${domain}. ${way}`;
}
