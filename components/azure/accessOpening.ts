import type * as pulumi from "@pulumi/pulumi";
import type { AccountRef } from "../../migration/access/accountRef";
import { NetworkOpening } from "../../migration/resources";
import type { AccessTerms } from "./accessTerms";
import { afterFence, type Fence } from "./fence";

interface OpeningArgs {
  readonly account: pulumi.Input<AccountRef>;
  readonly terms: Pick<AccessTerms, "ipRanges" | "subnetIds">;
  readonly fence?: Fence;
}

/** The opening of an account's firewall for as long as access lasts; none where nobody is to be let in by it. */
export function openNetworkFor(
  name: string,
  { account, terms, fence }: OpeningArgs,
  opts: pulumi.CustomResourceOptions,
): readonly NetworkOpening[] {
  const { ipRanges = [], subnetIds = [] } = terms;
  if (ipRanges.length + subnetIds.length === 0) return [];
  const rules = { account, ipRanges: [...ipRanges], subnetIds: [...subnetIds], ...afterFence(fence) };
  return [new NetworkOpening(`${name}-opening`, rules, opts)];
}
