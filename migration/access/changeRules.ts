import { OperationalError } from "../engine/errors";
import type { AccountManagement, NetworkRules } from "./accountManagement";
import type { AccessPorts } from "./ports";

/** Sets of rules written at most, before somebody else is said to undo them. */
export const ATTEMPTS_MAX = 6;
const PAUSE_MS_MAX = 2_000;

type ChangePorts = Pick<AccessPorts, "clock" | "random">;

/** The second look comes at once; when it shows that somebody undid our change, the next ones wait for them. */
export async function pausedRead(
  management: AccountManagement,
  attempt: number,
  ports: ChangePorts,
): Promise<NetworkRules> {
  if (attempt > 1) await ports.clock.sleep(ports.random() * PAUSE_MS_MAX);
  return management.getNetworkRules();
}

/**
 * Writes the rules that `edit` makes of those that are there, until it finds nothing to change (undefined): the service
 * replaces whole sets and knows no precondition, so they are read just before, and again after. Says whether anything
 * was to be changed. Throws `RulesLost`.
 */
export async function changeRules(
  management: AccountManagement,
  edit: (rules: NetworkRules) => NetworkRules | undefined,
  ports: ChangePorts,
): Promise<boolean> {
  for (let attempt = 0; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const next = edit(await pausedRead(management, attempt, ports));
    if (next === undefined) return attempt > 0;
    if (attempt < ATTEMPTS_MAX) await management.setNetworkRules(next);
  }
  throw rulesLost(management);
}

export function rulesLost(management: AccountManagement): OperationalError {
  return new OperationalError({
    code: "RulesLost",
    message: `Somebody else changes the network rules of ${management.name} at the same time and undoes our change. `
      + "Try again when they are done.",
    retryable: true,
  });
}
