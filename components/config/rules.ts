import { parseSasRange } from "../../migration/access/ipRange";
import { cosmosSettings } from "./cosmos";
import { COST_RULES } from "./costs";
import { COSMOS_RULES } from "./cosmosRules";
import { fenceHolds } from "./fence";
import { HOST_RULES } from "./hostRules";
import { show, type Mistake } from "./mistakes";
import { PRIVATE_RULES } from "./privateEndpoint";
import { signInIsPossible } from "./signInRules";
import { part, type Finding, type RuleContext, type Written } from "./written";

/*
 * Rules between fields. They read what is written, not what was parsed: a rule whose fields can be read speaks up
 * even where other fields are wrong, so that all mistakes come at once.
 */
function differentAccounts(written: Written): readonly Finding[] {
  const [from, to] = [part(written, "source")["account"], part(written, "destination")["account"]];
  if (typeof from !== "string" || typeof to !== "string" || from.toLowerCase() !== to.toLowerCase()) return [];
  const message = `${show(to)} is the source's account too. Name another one: a copy onto itself proves nothing.`;
  return [["destination.account", message]];
}

/** A filter hides rows: seen through it, every other row of the destination would look deleted in the source. */
function noFilterWithPropagate(written: Written): readonly Finding[] {
  const tables = written["tables"];
  if (written["deletes"] !== "propagate" || typeof tables !== "object" || tables === null) return [];
  const filtered = Object.entries(tables).filter(([, table]) => {
    return typeof table === "object" && table !== null && (table as Written)["filter"] !== undefined;
  });
  return filtered.map(([name]): Finding => {
    const message = "a filter together with `deletes: propagate` would delete every row that the filter hides.";
    return [`tables.${name}.filter`, `${message} Remove the filter, or set deletes to report or accept.`];
  });
}

function sourceIsReachable(written: Written, context: RuleContext): readonly Finding[] {
  const side = part(written, "source");
  const needed = ["subscriptionId", "resourceGroup", ...(written["cloud"] === "emulator" ? [] : ["tenantId"])];
  if (!context.sourceSasGiven) {
    const missing = needed.filter((key) => side[key] === undefined || side[key] === null);
    const remedy = "Write it, or hand over a SAS of the owner's: pulumi config set --secret landbridge:sourceSas.";
    return missing.map((key): Finding => [`source.${key}`, `is missing. ${remedy}`]);
  }
  const managed = ["tenantId", "subscriptionId", "resourceGroup", "keyName", "sharedKeyAccess", "principalId"];
  const idle = managed.filter((key) => side[key] !== undefined);
  const message = "has no effect with landbridge:sourceSas, which leaves the source untouched. Remove one of the two.";
  return idle.map((key): Finding => [`source.${key}`, message]);
}

const OF_A_NEW_ACCOUNT = [
  "sku",
  "permanentIpRanges",
  "permanentSubnetIds",
  "workspaceId",
  "logRetentionDays",
  "privateEndpoint",
  ...Object.keys(cosmosSettings).filter((key) => !["localAuth", "throughput"].includes(key)),
];

function existingAccountStaysAsItIs(written: Written): readonly Finding[] {
  const side = part(written, "destination");
  if (side["existing"] !== "account") return [];
  const idle = OF_A_NEW_ACCOUNT.filter((key) => side[key] !== undefined);
  const message = "has no effect with `existing: account`, which is used as it is. Remove one of the two.";
  const findings = idle.map((key): Finding => [`destination.${key}`, message]);
  if (written["destroyDestination"] !== true) return findings;
  return [...findings, ["destroyDestination", `true ${message}`]];
}

function oneAuditTrail(written: Written): readonly Finding[] {
  const side = part(written, "destination");
  if (side["workspaceId"] === undefined || side["logRetentionDays"] === undefined) return [];
  const message = "has no effect with workspaceId: that workspace has its own setting. Remove one of the two.";
  return [["destination.logRetentionDays", message]];
}

/** A SAS holds one address or range. Where it is not clear which, nobody but the user may drop the binding. */
function sasRangeIsClear(written: Written): readonly Finding[] {
  const { ipRanges, subnetIds, sasIpRange } = part(written, "environment");
  const ranges = Array.isArray(ipRanges) ? ipRanges : [];
  const subnets = Array.isArray(subnetIds) ? subnetIds : [];
  if (sasIpRange !== undefined || ranges.length === 0) return [];
  if (ranges.length === 1 && subnets.length === 0) return [];
  const why = ranges.length > 1 ? `there are ${ranges.length} ranges` : "machines come in by a subnet too";
  const message = `is missing: ${why}, and a SAS can be bound to one. Name the one, or write \`any\`.`;
  return [["environment.sasIpRange", message]];
}

function sasRangeIsOpened(written: Written): readonly Finding[] {
  const { ipRanges, sasIpRange } = part(written, "environment");
  if (typeof sasIpRange !== "string" || sasIpRange === "any" || !Array.isArray(ipRanges)) return [];
  const bound = parseSasRange(sasIpRange);
  const opened = ipRanges.flatMap((text: unknown) => (typeof text === "string" ? (parseSasRange(text) ?? []) : []));
  if (bound === undefined || opened.length === 0) return [];
  if (opened.some((range) => range.first <= bound.last && bound.first <= range.last)) return [];
  const message = `${show(sasIpRange)} meets none of environment.ipRanges: no machine could use the SAS. Correct one.`;
  return [["environment.sasIpRange", message]];
}

const RULES: readonly ((written: Written, context: RuleContext) => readonly Finding[])[] = [
  differentAccounts,
  noFilterWithPropagate,
  sourceIsReachable,
  existingAccountStaysAsItIs,
  oneAuditTrail,
  signInIsPossible,
  sasRangeIsClear,
  sasRangeIsOpened,
  fenceHolds,
  ...COST_RULES,
  ...COSMOS_RULES,
  ...PRIVATE_RULES,
  ...HOST_RULES,
];

/** Every rule's findings, paths relative to the structured object. */
export function checkRules(written: unknown, context: RuleContext): readonly Mistake[] {
  if (typeof written !== "object" || written === null || Array.isArray(written)) return [];
  return RULES.flatMap((rule) => rule(written as Written, context)).map(([path, message]) => ({ path, message }));
}
