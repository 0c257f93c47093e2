import type { SignedIdentifier } from "@azure/data-tables";
import { z } from "zod";
import { ArmError, notFound } from "../armError";
import type { EmulatedAccount } from "../emulatedAccount";
import { parseBody, type ArmAnswer, type ArmCall, type ArmKind } from "../kind";
import { requireAccount } from "./storageAccount";

/** Most stored access policies per table (Set Table ACL). */
const POLICIES_MAX = 5;

const policySchema = z.strictObject({
  permission: z.string().regex(/^r?a?u?d?$/, "permission is some of r, a, u, d in this order"),
  startTime: z.iso.datetime({ offset: true }).optional(),
  expiryTime: z.iso.datetime({ offset: true }).optional(),
});
const identifierSchema = z.strictObject({ id: z.string().min(1).max(64), accessPolicy: policySchema.optional() });
const tableSchema = z.strictObject({
  properties: z
    .strictObject({ tableName: z.string().optional(), signedIdentifiers: z.array(identifierSchema).optional() })
    .optional(),
});

/** Azurite insists on a start and an expiry, which Azure leaves to the token where a policy has none. */
const NO_START = new Date("2000-01-01T00:00:00Z");
const NO_EXPIRY = new Date("2999-12-31T00:00:00Z");

function toAzurite(identifiers: readonly z.infer<typeof identifierSchema>[]): SignedIdentifier[] {
  return identifiers.map(({ id, accessPolicy }) => ({
    id,
    ...(accessPolicy && {
      accessPolicy: {
        permission: accessPolicy.permission,
        start: accessPolicy.startTime === undefined ? NO_START : new Date(accessPolicy.startTime),
        expiry: accessPolicy.expiryTime === undefined ? NO_EXPIRY : new Date(accessPolicy.expiryTime),
      },
    }),
  }));
}

function given(time: Date | undefined, stopgap: Date): string | undefined {
  return time === undefined || time.getTime() === stopgap.getTime() ? undefined : time.toISOString();
}

function fromAzurite(identifiers: readonly SignedIdentifier[]): unknown[] {
  return identifiers.map(({ id, accessPolicy }) => ({
    id,
    accessPolicy: {
      permission: accessPolicy?.permission ?? "",
      startTime: given(accessPolicy?.start, NO_START),
      expiryTime: given(accessPolicy?.expiry, NO_EXPIRY),
    },
  }));
}

async function show(account: EmulatedAccount, id: string, table: string): Promise<unknown> {
  const policies = await account.getPolicies(table);
  return {
    id,
    name: table,
    type: "Microsoft.Storage/storageAccounts/tableServices/tables",
    properties: { tableName: table, ...(policies.length > 0 && { signedIdentifiers: fromAzurite(policies) }) },
  };
}

function tableName({ target }: ArmCall): string {
  const name = target.names[2] ?? "";
  if (!/^[A-Za-z][A-Za-z0-9]{2,62}$/.test(name)) {
    throw new ArmError(400, "InvalidResourceName", `'${name}' is not a valid table name: 3 to 63 letters and digits.`);
  }
  return name;
}

async function existing(call: ArmCall): Promise<{ account: EmulatedAccount; table: string }> {
  const account = requireAccount(call);
  const table = tableName(call);
  if (!(await account.tableExists(table))) throw notFound(call.target.id);
  return { account, table };
}

async function applyPolicies(call: ArmCall, account: EmulatedAccount, table: string): Promise<ArmAnswer> {
  const { properties } = parseBody(tableSchema, call.body);
  const wanted = properties?.signedIdentifiers;
  if (wanted !== undefined) {
    if (wanted.length > POLICIES_MAX || new Set(wanted.map(({ id }) => id)).size !== wanted.length) {
      const message = `A table has at most ${POLICIES_MAX} stored access policies, each with an id of its own; `
        + `the request has ${wanted.length}.`;
      throw new ArmError(400, "InvalidRequestPropertyValue", message);
    }
    await account.setPolicies(table, toAzurite(wanted));
  }
  return { status: 200, body: await show(account, call.target.id, table) };
}

export const table: ArmKind = {
  get: async (call) => {
    const { account, table: name } = await existing(call);
    return { status: 200, body: await show(account, call.target.id, name) };
  },
  put: async (call) => {
    parseBody(tableSchema, call.body);
    const account = requireAccount(call);
    const name = tableName(call);
    if (!(await account.tableExists(name))) await account.createTable(name);
    return await applyPolicies(call, account, name);
  },
  patch: async (call) => {
    const { account, table: name } = await existing(call);
    return await applyPolicies(call, account, name);
  },
  delete: async (call) => {
    const account = requireAccount(call);
    await account.deleteTable(tableName(call));
    return { status: 204 };
  },
  list: async (call) => {
    const account = requireAccount(call);
    const value: unknown[] = [];
    for (const name of await account.listTables()) {
      value.push(await show(account, `${call.target.id}/tables/${name}`, name));
    }
    return { status: 200, body: { value } };
  },
};

/** The table service itself, there as soon as the account is: diagnostic settings hang on it. */
export const tableService: ArmKind = {
  get: (call) => {
    requireAccount(call);
    if (call.target.names[1] !== "default") throw notFound(call.target.id);
    const type = "Microsoft.Storage/storageAccounts/tableServices";
    return { status: 200, body: { id: call.target.id, name: "default", type, properties: {} } };
  },
};
