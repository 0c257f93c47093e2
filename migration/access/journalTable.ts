import { JOURNAL_TABLE } from "../engine/journal";
import type { AccountManagement } from "./accountManagement";
import { isOurs } from "./policies";

/**
 * Deletes the journal's table, unless a policy of ours still stands on it: then another move of the same account works
 * with it, and would take its own rows for somebody else's without it. Drop your own policy first, and of two moves
 * that end at once the last one deletes. Gives the policies' identifiers; none: the table is gone.
 */
export async function deleteUnusedJournal(management: AccountManagement): Promise<readonly string[]> {
  const policies = await management.getPolicies(JOURNAL_TABLE);
  const users = (policies ?? []).filter(isOurs).map(({ id }) => id);
  if (policies !== undefined && users.length === 0) await management.deleteTable(JOURNAL_TABLE);
  return users;
}
