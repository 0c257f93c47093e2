import { OperationalError } from "../engine/errors";
import type { AccountManagement, NetworkRules, ResourceRule } from "./accountManagement";
import { changeRules } from "./changeRules";
import {
  countRules, missingRules, ruleValues, subtract, withoutRules, withRules, type RuleValues,
} from "./networkRules";
import type { AccessPorts } from "./ports";

/** Azure's own services that an account trusts come in past every rule; Logging and Metrics only read. */
const TRUSTED = "AzureServices";

/** What a firewall let in before it was shut, without what is the move's own. Plain JSON, no secret. */
export interface FormerNetwork {
  readonly defaultAction: "Allow" | "Deny";
  readonly rules: RuleValues;
  readonly resourceRules: readonly ResourceRule[];
  /** Whether Azure's own services were let in. */
  readonly trusted: boolean;
}

/** `Logging, Metrics` -> both; `None` -> nobody. */
function bypassing({ bypass }: NetworkRules): readonly string[] {
  return (bypass ?? "None").split(",").map((part) => part.trim()).filter((part) => part !== "None");
}

function isTrusting(rules: NetworkRules): boolean {
  return bypassing(rules).includes(TRUSTED);
}

/** What is to be given back one day: everything but `ours`, which comes and goes with the move. */
export function formerNetwork(rules: NetworkRules, ours: RuleValues): FormerNetwork {
  return {
    defaultAction: rules.defaultAction,
    rules: subtract(ruleValues(rules), ours),
    resourceRules: rules.resourceRules ?? [],
    trusted: isTrusting(rules),
  };
}

/** The rules with nobody let in but `ours`, as far as they are there; undefined where they are so already. */
export function shutRules(rules: NetworkRules, ours: RuleValues): NetworkRules | undefined {
  const others = subtract(ruleValues(rules), ours);
  const resources = rules.resourceRules ?? [];
  const open = rules.defaultAction === "Allow" || isTrusting(rules);
  if (!open && countRules(others) + resources.length === 0) return undefined;
  const bypass = bypassing(rules).filter((part) => part !== TRUSTED);
  return {
    ...withoutRules(rules, others),
    defaultAction: "Deny",
    ...(isTrusting(rules) && { bypass: bypass.join(", ") || "None" }),
    ...(resources.length > 0 && { resourceRules: [] }),
  };
}

/** The rules with all that was let in before let in again; undefined where it is. What came since stays. */
export function reopenedRules(rules: NetworkRules, former: FormerNetwork): NetworkRules | undefined {
  const missing = missingRules(rules, former.rules);
  const text = (rule: ResourceRule) => `${rule.tenantId ?? ""} ${rule.resourceId ?? ""}`.toLowerCase();
  const there = new Set((rules.resourceRules ?? []).map(text));
  const resources = former.resourceRules.filter((rule) => !there.has(text(rule)));
  const opens = former.defaultAction === "Allow" && rules.defaultAction === "Deny";
  const trusts = former.trusted && !isTrusting(rules);
  if (!opens && !trusts && countRules(missing) + resources.length === 0) return undefined;
  return {
    ...withRules(rules, missing),
    ...(opens && { defaultAction: "Allow" as const }),
    ...(trusts && { bypass: [...bypassing(rules), TRUSTED].join(", ") }),
    ...(resources.length > 0 && { resourceRules: [...(rules.resourceRules ?? []), ...resources] }),
  };
}

/**
 * Lets nobody through the firewall but `ours`, and reads back that it is so. Says whether anything was to be changed.
 * Throws `PublicAccessDisabled`, `PrivateWaysIn`, `RulesLost`.
 */
export async function shutNetwork(
  management: AccountManagement,
  ours: RuleValues,
  { keysToo }: { readonly keysToo: boolean },
  ports: AccessPorts,
): Promise<boolean> {
  await refuseOtherWaysIn(management, keysToo);
  return changeRules(management, (rules) => shutRules(rules, ours), ports);
}

/** Gives back what was let in before. Says whether anything was to be changed. Throws `RulesLost`. */
export function reopenNetwork(
  management: AccountManagement,
  former: FormerNetwork,
  ports: Pick<AccessPorts, "clock" | "random">,
): Promise<boolean> {
  return changeRules(management, (rules) => reopenedRules(rules, former), ports);
}

/** Rules say nothing to private endpoints: with keys shut, too, whoever comes in by one has no key. */
async function refuseOtherWaysIn(management: AccountManagement, keysToo: boolean): Promise<void> {
  const access = await management.publicNetworkAccess();
  if (access !== "Enabled") {
    throw new OperationalError({
      code: "PublicAccessDisabled",
      message: `The public network access of ${management.name} is ${access}: its network rules shut nobody out, `
        + "writers come another way. Set fence to keys.",
    });
  }
  const endpoints = keysToo ? 0 : await management.countPrivateEndpoints();
  if (endpoints === 0) return;
  throw new OperationalError({
    code: "PrivateWaysIn",
    message: `${management.name} has ${endpoints} private endpoints, to which network rules say nothing: a writer `
      + "behind one would still get in. Set fence to both (or keys), or remove them.",
  });
}
