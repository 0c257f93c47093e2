import { JOURNAL_TABLE } from "../engine/journal";
import type { AccessPolicy, AccountManagement } from "./accountManagement";
import { forEachTable } from "./forEachTable";
import { deleteUnusedJournal } from "./journalTable";
import { isOurs } from "./policies";
import { dropPolicy } from "./policyChange";
import type { AccessPorts } from "./ports";

/** One policy of ours on one table. */
export interface FoundPolicy {
  readonly table: string;
  readonly policy: AccessPolicy;
}

/** What an account has of ours, found by name alone: for when Pulumi's state is lost. */
export interface FoundAccess {
  readonly policies: readonly FoundPolicy[];
  /** The journal's table is there. */
  readonly journal: boolean;
  /** What cannot be found by name, and what to do about it. */
  readonly notes: readonly string[];
}

export interface RemovedAccess {
  readonly policies: readonly FoundPolicy[];
  readonly journal: boolean;
  readonly notes: readonly string[];
}

/** What bears our name on an account. Changes nothing. */
export async function listAccess(management: AccountManagement): Promise<FoundAccess> {
  const tables = await management.listTables();
  const found = await forEachTable(tables, async (table) =>
    ((await management.getPolicies(table)) ?? []).filter(isOurs).map((policy) => ({ table, policy })));
  const journal = tables.some((table) => table.toLowerCase() === JOURNAL_TABLE);
  return { policies: found.flat(), journal, notes: await notesOn(management) };
}

/**
 * Removes what bears our name, or of the policies only those named: tokens that name them are dead at once. Others'
 * policies and all data stay. The journal goes only where `journal` says so and no policy of ours is left: without it
 * the next run of a move that is under way takes rows that it wrote itself for somebody else's.
 */
export async function removeAccess(
  management: AccountManagement,
  options: { readonly policyIds?: readonly string[]; readonly journal: boolean },
  ports: Pick<AccessPorts, "clock" | "random">,
): Promise<RemovedAccess> {
  const found = await listAccess(management);
  const chosen = found.policies.filter(({ policy }) => options.policyIds?.includes(policy.id) ?? true);
  // One table after the other's policies: two of one table at once would undo each other.
  const byTable = [...new Set(chosen.map(({ table }) => table))];
  await forEachTable(byTable, async (table) => {
    for (const { policy } of chosen.filter((one) => one.table === table)) {
      await dropPolicy(management, table, policy.id, ports);
    }
  });
  if (!options.journal || !found.journal) return { policies: chosen, journal: false, notes: found.notes };
  const kept = found.policies.filter((one) => !chosen.includes(one)).map(({ policy }) => policy.id);
  const users = new Set([...kept, ...(kept.length > 0 ? [] : await deleteUnusedJournal(management))]);
  const notes = users.size === 0 ? found.notes : [journalStays(users), ...found.notes];
  return { policies: chosen, journal: users.size === 0, notes };
}

function journalStays(users: ReadonlySet<string>): string {
  return `Table ${JOURNAL_TABLE} stays: moves that are still there (${[...users].join(", ")}) may work with it. `
    + "It goes with the last of them.";
}

async function notesOn(management: AccountManagement): Promise<readonly string[]> {
  const notes = ["Whether a key still signs tokens cannot be seen. To be sure, regenerate the key that the move signed "
    + `with (key2 by default): az storage account keys renew --account-name ${management.account} --key key2`];
  const rules = await management.getNetworkRules();
  if (rules.defaultAction === "Allow") return notes;
  const values = [...(rules.ipRules ?? []), ...(rules.ipv6Rules ?? [])].map(({ value }) => value);
  const all = [...values, ...(rules.subnetRules ?? []).map(({ subnetId }) => subnetId)];
  const shown = all.length === 0 ? "there are none" : all.join(", ");
  const rule = `Network rules bear no name: look through them yourself (${shown}), and remove what the move opened.`;
  return [rule, ...notes];
}
