import { refuse } from "./errors";
import type { Route } from "./target";

/** Keys a table SAS is good for; both ends belong to it, an absent one is open. */
export interface SignedRange {
  readonly spk?: string | undefined;
  readonly srk?: string | undefined;
  readonly epk?: string | undefined;
  readonly erk?: string | undefined;
}

/** What a credential allows. */
export type Access =
  | { readonly kind: "key" }
  | { readonly kind: "account"; readonly permissions: string; readonly resourceTypes: string }
  | { readonly kind: "table"; readonly table: string; readonly permissions: string; readonly range: SignedRange };

/** What an operation does, as the tables of SAS permissions name it. */
export type Action =
  | "listTables" | "createTable" | "deleteTable" | "acl"
  | "query" | "insert" | "insertOrReplace" | "insertOrMerge" | "update" | "merge" | "delete";

interface Needs {
  readonly resourceType: "c" | "o";
  /** Account SAS: all of these, or (for a table's creation) one of them. */
  readonly account: { readonly all: string } | { readonly any: string };
  /** Table SAS: all of these; undefined: not with a table SAS. */
  readonly table?: string;
}

/** learn.microsoft.com/rest/api/storageservices/create-account-sas and .../create-service-sas */
const NEEDS: Readonly<Record<Exclude<Action, "acl">, Needs>> = {
  listTables: { resourceType: "c", account: { all: "l" } },
  createTable: { resourceType: "c", account: { any: "cw" } },
  deleteTable: { resourceType: "c", account: { all: "d" } },
  query: { resourceType: "o", account: { all: "r" }, table: "r" },
  insert: { resourceType: "o", account: { all: "a" }, table: "a" },
  insertOrReplace: { resourceType: "o", account: { all: "au" }, table: "au" },
  insertOrMerge: { resourceType: "o", account: { all: "au" }, table: "au" },
  update: { resourceType: "o", account: { all: "u" }, table: "u" },
  merge: { resourceType: "o", account: { all: "u" }, table: "u" },
  delete: { resourceType: "o", account: { all: "d" }, table: "d" },
};

function all(wanted: string, granted: string): boolean {
  for (const letter of wanted) if (!granted.includes(letter)) return false;
  return true;
}

function any(wanted: string, granted: string): boolean {
  for (const letter of wanted) if (granted.includes(letter)) return true;
  return false;
}

export function inRange(range: SignedRange, partitionKey: string, rowKey: string): boolean {
  const { spk, srk, epk, erk } = range;
  const begins =
    spk === undefined || partitionKey > spk || (partitionKey === spk && (srk === undefined || rowKey >= srk));
  const ends =
    epk === undefined || partitionKey < epk || (partitionKey === epk && (erk === undefined || rowKey <= erk));
  return begins && ends;
}

/** Throws the 403 the service would answer; a query's range is applied to its rows instead. */
export function authorize(access: Access, action: Action, route: Route): void {
  if (access.kind === "key") return;
  // Policies are the account key's business: no SAS reads or writes them.
  if (action === "acl") throw refuse.authorization();
  const needs = NEEDS[action];
  if (access.kind === "account") {
    if (!access.resourceTypes.includes(needs.resourceType)) throw refuse.resourceType();
    const granted = "all" in needs.account
      ? all(needs.account.all, access.permissions)
      : any(needs.account.any, access.permissions);
    if (!granted) throw refuse.permission();
    return;
  }
  if (needs.table === undefined || !("table" in route)) throw refuse.authorization();
  if (route.table.toLowerCase() !== access.table) throw refuse.authorization();
  if (!all(needs.table, access.permissions)) throw refuse.permission();
}

/** Throws where a table SAS is not good for this key. */
export function authorizeKey(access: Access, partitionKey: string, rowKey: string): void {
  if (access.kind === "table" && !inRange(access.range, partitionKey, rowKey)) throw refuse.authorization();
}
