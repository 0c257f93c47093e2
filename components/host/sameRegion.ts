/** A host and an account whose firewall it has to pass. */
export interface SameRegionFacts {
  /** Azure region; undefined where the host is not in Azure. */
  readonly hostRegion: string | undefined;
  readonly account: string;
  /** Azure region of the account; undefined where it is not known. */
  readonly accountRegion: string | undefined;
  /** Public addresses that the firewall is to be opened for. */
  readonly ipRanges: readonly string[];
  /** How many subnets it is to be opened for. */
  readonly subnets: number;
  /** The address a SAS is bound to; undefined where it is bound to none. */
  readonly sasIpRange: string | undefined;
}

/**
 * Traffic that stays in a region comes from private addresses: rules for public addresses do not meet it, in a firewall
 * as little as in a SAS, and subnet rules do. What would fail for that reason, with the remedy.
 */
export function refuseSameRegion(facts: SameRegionFacts): readonly { readonly key: string; readonly text: string }[] {
  const { hostRegion, accountRegion, account, ipRanges, subnets, sasIpRange } = facts;
  if (hostRegion === undefined || accountRegion === undefined) return [];
  if (hostRegion.toLowerCase() !== accountRegion.toLowerCase()) return [];
  const why = `the host is in ${hostRegion} as account ${account} is, and traffic inside a region comes from private `
    + "addresses";
  const findings: { key: string; text: string }[] = [];
  if (ipRanges.length > 0 && subnets === 0) {
    const text = `would let nobody in: ${why}, which the rules for ${ipRanges.join(", ")} do not meet. Add the host's `
      + "subnet (with the service endpoint Microsoft.Storage, for a destination on Cosmos DB Microsoft.AzureCosmosDB "
      + "too) to environment.subnetIds.";
    findings.push({ key: "ipRanges", text });
  }
  if (sasIpRange !== undefined && sasIpRange !== "any") {
    const text = `would refuse the host its SAS: ${why}, and ${sasIpRange} is none. Write \`any\`; the firewall still `
      + "lets only the named networks in.";
    findings.push({ key: "sasIpRange", text });
  }
  return findings;
}
