import { AzureNamedKeyCredential, generateAccountSas } from "@azure/data-tables";
import { OperationalError } from "../engine/errors";
import type { AccountManagement, NetworkRules } from "./accountManagement";
import { ATTEMPTS_MAX, changeRules, pausedRead, rulesLost } from "./changeRules";
import type { AccessPorts } from "./ports";
import {
  countRules, describeRules, joinRules, missingRules, NO_RULES, presentRules, subtract, withoutRules, withRules,
  type RuleValues,
} from "./networkRules";
import { untilAnswered } from "./usable";

/** Rules take up to a minute to act. */
const EFFECT_MS_MAX = 60_000;
/** A limit of the service, IPv4 and IPv6 together; as many subnets again. */
const RULES_MAX = 400;

/** `added` is ours to remove, exactly; `already` was there before and stays. */
export interface NetworkAccess {
  readonly added: RuleValues;
  readonly already: RuleValues;
  readonly defaultAction: "Allow" | "Deny";
}

/** The account's firewall was changed, and then something failed: `added` must still be taken back some day. */
export class PartlyOpened extends Error {
  constructor(readonly added: RuleValues, override readonly cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = "PartlyOpened";
  }
}

/**
 * Lets `wanted` through the account's firewall. The service replaces whole sets and knows no precondition, so the set
 * is read just before it is written and read again after: if another writer's set undid ours, it goes on top of
 * theirs. `ours` is what an earlier opening added. Throws `PublicAccessDisabled`, `TooManyRules`, `RulesLost`.
 */
export async function openNetwork(
  management: AccountManagement,
  wanted: RuleValues,
  ours: RuleValues,
  ports: AccessPorts,
): Promise<NetworkAccess> {
  const first = await management.getNetworkRules();
  if (first.defaultAction === "Allow") {
    return { added: presentRules(first, ours), already: NO_RULES, defaultAction: "Allow" };
  }
  await requirePublicAccess(management);
  let added = presentRules(first, ours);
  let began = countRules(added) > 0;
  try {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const before = await pausedRead(management, attempt, ports);
      const missing = missingRules(before, wanted);
      if (countRules(missing) === 0) {
        if (attempt > 0) await waitUntilOpen(management, ports);
        return { added, already: subtract(wanted, added), defaultAction: "Deny" };
      }
      const next = withRules(before, wanted);
      refuseTooMany(management, (next.ipRules?.length ?? 0) + (next.ipv6Rules?.length ?? 0));
      refuseTooMany(management, next.subnetRules?.length ?? 0);
      added = joinRules(added, missing);
      // From here on the rules may be there, whatever the answer, unless it is a plain refusal.
      await management.setNetworkRules(next).catch((error: unknown) => {
        began ||= !(error instanceof OperationalError && error.code === "AuthorizationFailed");
        throw error;
      });
      began = true;
    }
    throw rulesLost(management);
  } catch (error) {
    throw began ? new PartlyOpened(added, error) : error;
  }
}

/** Takes exactly `added` out again. What is not there any more is fine. */
export async function closeNetwork(
  management: AccountManagement,
  added: RuleValues,
  ports: Pick<AccessPorts, "clock" | "random">,
): Promise<void> {
  if (countRules(added) === 0) return;
  const edit = (rules: NetworkRules) =>
    countRules(presentRules(rules, added)) === 0 ? undefined : withoutRules(rules, added);
  await changeRules(management, edit, ports);
}

/** Rules say nothing while the account is shut to the public altogether, and something else decides. */
async function requirePublicAccess(management: AccountManagement): Promise<void> {
  const access = await management.publicNetworkAccess();
  if (access === "Enabled") return;
  throw new OperationalError({
    code: "PublicAccessDisabled",
    message: `${management.name} cannot be opened by network rules: its public network access is ${access}. `
      + "Set it to \"Enabled from selected networks\" for the time of the move, or run the move in a network that has "
      + "a private endpoint of the account and ask for no opening.",
  });
}

function refuseTooMany(management: AccountManagement, count: number): void {
  if (count <= RULES_MAX) return;
  throw new OperationalError({
    code: "TooManyRules",
    message: `${management.name} would have ${count} network rules of a kind, and the service allows ${RULES_MAX}. `
      + "Join addresses into CIDR ranges, or remove rules that are no longer needed.",
  });
}

/** Whether this machine is among those let in is not known, so being shut out is said, not refused. */
async function waitUntilOpen(management: AccountManagement, ports: AccessPorts): Promise<void> {
  if (!(await management.allowSharedKeyAccess())) return;
  const endpoint = await management.tableEndpoint();
  const key = (await management.listKeys())[0];
  if (key === undefined) return;
  const sas = generateAccountSas(new AzureNamedKeyCredential(management.account, key.value), {
    services: { table: true },
    resourceTypes: "c",
    permissions: { list: true },
    startsOn: new Date(ports.clock.now() - 900_000),
    expiresOn: new Date(ports.clock.now() + 600_000),
  });
  const open = ({ code }: { readonly code: string }) => code !== "AuthorizationFailure";
  const untilMs = ports.clock.now() + EFFECT_MS_MAX;
  const answer = await untilAnswered(() => ports.tryToken(endpoint, "Tables", sas), untilMs, ports, open);
  if (open(answer)) return;
  ports.say(`${management.name} still does not let this machine in. That is right if it is not among the addresses `
    + "given; else rules take a little longer.");
}

/** One line for people. */
export function describeOpening(management: AccountManagement, access: NetworkAccess): string {
  if (access.defaultAction === "Allow") return `${management.name} lets every network in: nothing was opened.`;
  const already = countRules(access.already) === 0 ? "" : ` Already there: ${describeRules(access.already)}.`;
  return `Opened ${management.name}: ${describeRules(access.added)}.${already}`;
}
