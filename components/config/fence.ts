import type { FenceSettings } from "../azure/fence";
import * as fields from "./fields";
import { part, type Finding, type RuleContext, type Written } from "./written";

export const fenceSettings = {
  fence: fields
    .choice(["none", "keys", "network", "both"], "It is how writers are shut out of the source in phase drained.")
    .optional(),
  fenceSharedAccount: fields
    .flag("true shuts the source's account even where it holds more than the move takes along.")
    .optional(),
};

interface WrittenFence {
  readonly fence?: "none" | "keys" | "network" | "both" | undefined;
  readonly fenceSharedAccount?: boolean | undefined;
}

/** Nothing where nobody is to be shut out. */
export function toFence({ fence = "none", fenceSharedAccount = false }: WrittenFence): {
  readonly fence?: FenceSettings;
} {
  return fence === "none" ? {} : { fence: { mode: fence, sharedAccount: fenceSharedAccount } };
}

/** What a fence shuts must be ours to shut, and must not shut us out. */
export function fenceHolds(written: Written, { sourceSasGiven }: RuleContext): readonly Finding[] {
  const { fence, fenceSharedAccount } = written;
  const byKeys = fence === "keys" || fence === "both";
  const byNetwork = fence === "network" || fence === "both";
  if (!byKeys && !byNetwork) {
    if (fenceSharedAccount === undefined) return [];
    return [["fenceSharedAccount", "has no effect without a fence. Remove it, or set fence to keys, network or both."]];
  }
  const findings: Finding[] = [];
  const told = JSON.stringify(fence);
  if (sourceSasGiven) {
    findings.push(["fence", `${told} regenerates keys or changes a firewall, and with landbridge:sourceSas nothing on `
      + "the source is touched. Remove it, and have its owner shut writers out (docs/zero-downtime.md)."]);
  }
  const { ipRanges, subnetIds } = part(written, "environment");
  const letIn = [ipRanges, subnetIds].flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []));
  if (byNetwork && letIn.length === 0) {
    findings.push(["fence", `${told} lets in only environment.ipRanges and subnetIds, and there are none: the move `
      + "could not read any more. Name its addresses, or set fence to keys."]);
  }
  return findings;
}
