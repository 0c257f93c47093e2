import type { DataCall, RecordedCall } from "../../local/emulators";
import { parseArmId } from "../../local/emulators/managementApi/armId";
import type { Recorded } from "./scenarios";

const VERBS: Readonly<Record<string, string>> = { GET: "read", PUT: "write", PATCH: "write", DELETE: "delete" };

/** The types of this namespace are named differently in rights. */
const GROUP = "Microsoft.Resources/subscriptions/resourceGroups";

/** The right that Azure asks for a call of its management API, or of a vault. */
export function rightOf({ method, path }: Pick<RecordedCall, "method" | "path">): string {
  if (path.startsWith("/keyvault/")) {
    if (method !== "DELETE") throw new Error(`No right is known for ${method} ${path} of a vault.`);
    return "Microsoft.KeyVault/vaults/secrets/delete";
  }
  const { type, action } = parseArmId(path, method);
  const named = type === "resourcegroups" ? GROUP : type;
  const verb = action === undefined ? VERBS[method] : `${action}/action`;
  if (verb === undefined) throw new Error(`No right is known for ${method} ${path}.`);
  return `${named}/${verb}`;
}

/** What was asked of one organisation's subscription; calls of a vault name none, and are the destination's. */
export function rightsIn({ managed }: Recorded, subscription: string, withVault: boolean): ReadonlySet<string> {
  const own = managed.filter(({ path }) => {
    return path.startsWith(`/subscriptions/${subscription}/`) || (withVault && path.startsWith("/keyvault/"));
  });
  return new Set(own.map(rightOf));
}

/** Letters of a SAS that an operation takes (Microsoft: "Create an account SAS", permissions per operation). */
const LETTERS: Readonly<Record<string, string>> = {
  QueryRows: "r", InsertRow: "a", UpdateRow: "u", UpsertRow: "au", DeleteRow: "d", QueryTables: "l", CreateTable: "c",
  DeleteTable: "d",
};

function lettersOf({ operation }: DataCall): string {
  const letters = LETTERS[operation];
  if (letters === undefined) throw new Error(`No right is known for ${operation}: name its letters.`);
  return letters;
}

/**
 * What the tokens of one account were used for. `asked`: all of it; `needed`: what was carried out. A preflight tries
 * rights with writes that cannot succeed, and a right that is tried only is not needed.
 */
export function lettersIn({ data }: Recorded, account: string): { readonly asked: string; readonly needed: string } {
  const own = data.filter((call) => call.account === account && call.authority !== "sharedKey");
  const union = (calls: readonly DataCall[]) => [...new Set(calls.flatMap((call) => [...lettersOf(call)]))].sort();
  return { asked: union(own).join(""), needed: union(own.filter(({ status }) => status < 400)).join("") };
}
