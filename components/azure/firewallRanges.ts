import * as pulumi from "@pulumi/pulumi";
import { parseFirewallRange } from "../../migration/access/ipRange";

/** IPv4 ranges as a firewall takes them, each once. Throws a `RunError` that names the range and the reason. */
export function firewallRanges(key: string, texts: readonly string[]): readonly string[] {
  const ranges = texts.flatMap((text) => {
    const range = parseFirewallRange(text);
    if (range.kind !== "ipv4") {
      const reason = range.kind === "refused" ? range.reason : `${text} is IPv6, and only IPv4 can be given here.`;
      throw new pulumi.RunError(`${key}: ${reason}`);
    }
    return range.values;
  });
  return [...new Set(ranges)];
}
