import type { IpRule, NetworkRules } from "./accountManagement";
import { parseFirewallRange } from "./ipRange";

/** Rules of an account's firewall by their values: those that are wanted, or those that were added. */
export interface RuleValues {
  readonly ipRules: readonly string[];
  readonly ipv6Rules: readonly string[];
  readonly subnetIds: readonly string[];
}

export const NO_RULES: RuleValues = { ipRules: [], ipv6Rules: [], subnetIds: [] };

/** The service writes values back in its own spelling: compare what they mean. */
function canonical(value: string): string {
  const range = parseFirewallRange(value);
  return range.kind === "refused" ? value.toLowerCase() : range.values.join(",");
}

function listed(values: Iterable<string>): ReadonlySet<string> {
  return new Set([...values].map(canonical));
}

function lacking(wanted: readonly string[], present: readonly string[]): string[] {
  const known = listed(present);
  return wanted.filter((value) => !known.has(canonical(value)));
}

export function countRules(rules: RuleValues): number {
  return rules.ipRules.length + rules.ipv6Rules.length + rules.subnetIds.length;
}

/** All that the account lets in by address or subnet. */
export function ruleValues(rules: NetworkRules): RuleValues {
  const values = (list: readonly IpRule[] | undefined) => (list ?? []).map(({ value }) => value);
  return {
    ipRules: values(rules.ipRules),
    ipv6Rules: values(rules.ipv6Rules),
    subnetIds: (rules.subnetRules ?? []).map(({ subnetId }) => subnetId),
  };
}

/** What of `wanted` is not in `present`. */
export function subtract(wanted: RuleValues, present: RuleValues): RuleValues {
  return {
    ipRules: lacking(wanted.ipRules, present.ipRules),
    ipv6Rules: lacking(wanted.ipv6Rules, present.ipv6Rules),
    subnetIds: lacking(wanted.subnetIds, present.subnetIds),
  };
}

/** What of `wanted` the account does not have. */
export function missingRules(rules: NetworkRules, wanted: RuleValues): RuleValues {
  return subtract(wanted, ruleValues(rules));
}

/** What of `values` the account has. */
export function presentRules(rules: NetworkRules, values: RuleValues): RuleValues {
  return subtract(values, missingRules(rules, values));
}

export function joinRules(a: RuleValues, b: RuleValues): RuleValues {
  const more = subtract(b, a);
  return {
    ipRules: [...a.ipRules, ...more.ipRules],
    ipv6Rules: [...a.ipv6Rules, ...more.ipv6Rules],
    subnetIds: [...a.subnetIds, ...more.subnetIds],
  };
}

/** The whole set with what is missing of `wanted` at the end; everything else untouched. */
export function withRules(rules: NetworkRules, wanted: RuleValues): NetworkRules {
  const missing = missingRules(rules, wanted);
  const ip = (values: readonly string[]) => values.map((value) => ({ value, action: "Allow" as const }));
  const subnets = missing.subnetIds.map((subnetId) => ({ subnetId, action: "Allow" as const }));
  return {
    ...rules,
    ...(missing.ipRules.length === 0 ? {} : { ipRules: [...(rules.ipRules ?? []), ...ip(missing.ipRules)] }),
    ...(missing.ipv6Rules.length === 0 ? {} : { ipv6Rules: [...(rules.ipv6Rules ?? []), ...ip(missing.ipv6Rules)] }),
    ...(subnets.length === 0 ? {} : { subnetRules: [...(rules.subnetRules ?? []), ...subnets] }),
  };
}

/** The whole set without `values`; everything else untouched. */
export function withoutRules(rules: NetworkRules, values: RuleValues): NetworkRules {
  const keep = (list: readonly IpRule[], gone: ReadonlySet<string>) =>
    list.filter(({ value }) => !gone.has(canonical(value)));
  const { ipRules, ipv6Rules, subnetRules } = rules;
  const subnets = listed(values.subnetIds);
  return {
    ...rules,
    ...(ipRules === undefined ? {} : { ipRules: keep(ipRules, listed(values.ipRules)) }),
    ...(ipv6Rules === undefined ? {} : { ipv6Rules: keep(ipv6Rules, listed(values.ipv6Rules)) }),
    ...(subnetRules === undefined ? {} : {
      subnetRules: subnetRules.filter(({ subnetId }) => !subnets.has(canonical(subnetId))),
    }),
  };
}

/** `IP rules 198.51.100.7, subnet /subscriptions/...`, or `no rule`. */
export function describeRules(rules: RuleValues): string {
  const parts = [
    ...[...rules.ipRules, ...rules.ipv6Rules].map((value) => `IP rule ${value}`),
    ...rules.subnetIds.map((id) => `subnet ${id}`),
  ];
  return parts.length === 0 ? "no rule" : parts.join(", ");
}
