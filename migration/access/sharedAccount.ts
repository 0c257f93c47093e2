import { OperationalError } from "../engine/errors";
import { JOURNAL_TABLE } from "../engine/journal";
import type { AccountManagement } from "./accountManagement";

/** So many are named in an error; an account may hold thousands. */
const NAMED_MAX = 8;

/**
 * What an account holds besides the tables of the move, for people: whoever uses it comes in by the same keys, through
 * the same firewall. Another move's journal is none of it.
 */
export async function othersIn(
  management: AccountManagement,
  tables: "all" | readonly string[],
): Promise<readonly string[]> {
  const own = new Set([JOURNAL_TABLE, ...(tables === "all" ? [] : tables.map((table) => table.toLowerCase()))]);
  const [present, data] = await Promise.all([management.listTables(), management.listOtherData()]);
  const others = tables === "all" ? [] : present.filter((table) => !own.has(table.toLowerCase()));
  return [...others.map((table) => `table ${table}`), ...data];
}

/** Why an account with others' data is not shut unless somebody says so; undefined where it holds none. */
export function refuseShared(name: string, others: readonly string[]): string | undefined {
  if (others.length === 0) return undefined;
  const more = others.length > NAMED_MAX ? ` and ${others.length - NAMED_MAX} more` : "";
  const named = others.slice(0, NAMED_MAX).join(", ");
  return `${name} holds more than the move takes along: ${named}${more}. A fence shuts out `
    + "whoever uses these, too, readers included. If nobody does, or they are told, set fenceSharedAccount to true; "
    + "else set fence to none, and shut the writers out by hand (docs/zero-downtime.md).";
}

/** Throws `AccountShared`. */
export async function requireAlone(management: AccountManagement, tables: "all" | readonly string[]): Promise<void> {
  const message = refuseShared(management.name, await othersIn(management, tables));
  if (message !== undefined) throw new OperationalError({ code: "AccountShared", message });
}
