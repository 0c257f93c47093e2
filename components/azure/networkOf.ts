/** The network of a subnet: `.../virtualNetworks/v/subnets/s` -> `.../virtualNetworks/v`; of a network, its own id. */
export function networkOf(resourceId: string): string {
  return resourceId.replace(/\/subnets\/[^/]+$/i, "");
}
