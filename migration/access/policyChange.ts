import { OperationalError } from "../engine/errors";
import type { AccessPolicy, AccountManagement } from "./accountManagement";
import { samePolicy, withoutPolicy, withPolicy } from "./policies";
import type { AccessPorts } from "./ports";

/** Somebody else who changes the same list at the same moment may win this often before we give up. */
const ATTEMPTS_MAX = 5;
const PAUSE_MS_MAX = 1_000;

type Pausing = Pick<AccessPorts, "clock" | "random">;
type Policies = readonly AccessPolicy[];

/** Puts a policy on a table; others stay. Throws `TooManyPolicies`, `TableNotFound`, `PolicyLost`. */
export async function putPolicy(
  management: AccountManagement,
  table: string,
  policy: AccessPolicy,
  ports: Pausing,
): Promise<void> {
  await change(management, table, ports, (existing) => {
    if (existing === undefined) {
      const message = `There is no table ${table} in ${management.name}. Correct its name, or create it.`;
      throw new OperationalError({ code: "TableNotFound", message });
    }
    return existing.some((other) => samePolicy(other, policy)) ? undefined : withPolicy(existing, policy, table);
  });
}

/** Takes a policy off a table, if both are there; others stay. Throws `PolicyLost`. */
export async function dropPolicy(
  management: AccountManagement,
  table: string,
  id: string,
  ports: Pausing,
): Promise<"removed" | "absent"> {
  const changes = await change(management, table, ports, (existing) =>
    existing === undefined ? undefined : withoutPolicy(existing, id));
  return changes > 0 ? "removed" : "absent";
}

/**
 * Changes a table's list of policies until `edit` has nothing left to change (undefined); says how often it wrote.
 * The service replaces whole lists and knows no precondition: the list is read just before it is written, and read
 * again after; when another writer's list undid ours, ours is put on top of theirs.
 */
async function change(
  management: AccountManagement,
  table: string,
  ports: Pausing,
  edit: (existing: Policies | undefined) => Policies | undefined,
): Promise<number> {
  for (let changes = 0; changes <= ATTEMPTS_MAX; changes += 1) {
    let next = edit(await management.getPolicies(table));
    if (next !== undefined && changes > 0) {
      await ports.clock.sleep(ports.random() * PAUSE_MS_MAX);
      next = edit(await management.getPolicies(table));
    }
    if (next === undefined) return changes;
    if (changes < ATTEMPTS_MAX) await management.setPolicies(table, next);
  }
  throw new OperationalError({
    code: "PolicyLost",
    message: `Somebody else changes the access policies of table ${table} in ${management.name} at the same time and `
      + "undoes our change. Try again when they are done.",
    retryable: true,
  });
}
