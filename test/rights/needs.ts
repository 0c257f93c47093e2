import type { DataCall, RecordedCall } from "../../local/emulators";
import { parseArmId } from "../../local/emulators/managementApi/armId";
import type { Recorded } from "./recording";

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
  QueryRows: "r", ReadRow: "r", InsertRow: "a", UpdateRow: "u", UpsertRow: "au", DeleteRow: "d", QueryTables: "l",
  CreateTable: "c", DeleteTable: "d",
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

const STORAGE_TABLES = "Microsoft.Storage/storageAccounts/tableServices/tables";
const STORAGE_ROWS = `${STORAGE_TABLES}/entities`;

/** Microsoft: "Authorize with Microsoft Entra ID", permissions for table service operations; the narrowest of each. */
const OF_STORAGE: Readonly<Record<string, readonly string[]>> = {
  QueryRows: [`${STORAGE_ROWS}/read`],
  ReadRow: [`${STORAGE_ROWS}/read`],
  InsertRow: [`${STORAGE_ROWS}/add/action`],
  UpdateRow: [`${STORAGE_ROWS}/update/action`],
  UpsertRow: [`${STORAGE_ROWS}/add/action`, `${STORAGE_ROWS}/update/action`],
  DeleteRow: [`${STORAGE_ROWS}/delete`],
  QueryTables: [`${STORAGE_TABLES}/read`],
  CreateTable: [`${STORAGE_TABLES}/write`],
  DeleteTable: [`${STORAGE_TABLES}/delete`],
};

const COSMOS_ACCOUNT = "Microsoft.DocumentDB/databaseAccounts";
const COSMOS_ROWS = `${COSMOS_ACCOUNT}/tables/containers`;

/** Microsoft: "Azure Cosmos DB for Table data plane actions". */
const OF_COSMOS: Readonly<Record<string, readonly string[]>> = {
  QueryRows: [`${COSMOS_ROWS}/executeQuery`],
  ReadRow: [`${COSMOS_ROWS}/entities/read`],
  InsertRow: [`${COSMOS_ROWS}/entities/create`],
  UpdateRow: [`${COSMOS_ROWS}/entities/replace`],
  UpsertRow: [`${COSMOS_ROWS}/entities/upsert`],
  DeleteRow: [`${COSMOS_ROWS}/entities/delete`],
  QueryTables: [`${COSMOS_ACCOUNT}/readMetadata`],
  CreateTable: [`${COSMOS_ACCOUNT}/tables/write`],
  DeleteTable: [`${COSMOS_ACCOUNT}/tables/delete`],
};

/** A batch is a transaction, which Cosmos DB carries out by a procedure. */
const COSMOS_BATCH = `${COSMOS_ROWS}/executeStoredProcedure`;

/**
 * Rights on one account's tables that whoever signed in made use of, as far as it was carried out: a preflight tries
 * rights with writes that cannot succeed. `asked` are those, too.
 */
export function rowRightsIn({ data }: Recorded, account: string, service: "storage" | "cosmos") {
  const rightsOf = ({ operation, batch }: DataCall): readonly string[] => {
    const rights = (service === "cosmos" ? OF_COSMOS : OF_STORAGE)[operation];
    if (rights === undefined) throw new Error(`No right is known for ${operation}: name it.`);
    return batch === true && service === "cosmos" ? [...rights, COSMOS_BATCH] : rights;
  };
  const own = data.filter((call) => call.account === account && call.authority === "bearer");
  const union = (calls: readonly DataCall[]): ReadonlySet<string> => new Set(calls.flatMap(rightsOf));
  return { asked: union(own), needed: union(own.filter(({ status }) => status < 400)) };
}
