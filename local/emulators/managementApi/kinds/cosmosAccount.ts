import { z } from "zod";
import { ArmError, notFound } from "../armError";
import type { EmulatedCosmosAccount } from "../emulatedCosmosAccount";
import { parseBody, requireGroup, tagsSchema, type ArmCall, type ArmKind } from "../kind";
import { badRequest } from "../plainKind";
import type { ArmResource } from "../state";
import { cosmosProperties, checkCosmosChange, checkCosmosSettings, type CosmosProperties } from "./cosmosSettings";
import { newKey } from "./storageAccount";

export const COSMOS_TYPE = "Microsoft.DocumentDB/databaseAccounts";

const createSchema = z.strictObject({
  location: z.string(),
  kind: z.literal("GlobalDocumentDB").optional(),
  tags: tagsSchema.optional(),
  identity: z.record(z.string(), z.unknown()).optional(),
  properties: cosmosProperties,
});
const updateSchema = z.strictObject({ tags: tagsSchema.optional(), properties: cosmosProperties.partial().optional() });

/** The account that a path means: both remembered and emulated, or 404. */
export function requireCosmos({ target, state, cosmos }: ArmCall): EmulatedCosmosAccount {
  const [name = ""] = target.names;
  const group = `/subscriptions/${target.subscription}/resourceGroups/${target.resourceGroup}`;
  const account = cosmos.get(name);
  const id = `${group}/providers/${COSMOS_TYPE}/${name}`;
  if (account === undefined || state.get(id) === undefined) throw notFound(id);
  return account;
}

function emulated({ target, state, cosmos }: ArmCall): EmulatedCosmosAccount {
  const [name = ""] = target.names;
  if (!/^[a-z0-9][a-z0-9-]{1,42}[a-z0-9]$/.test(name)) {
    throw badRequest(`Database account name '${name}' is invalid: 3 to 44 lower-case letters, digits and hyphens.`);
  }
  const account = cosmos.get(name);
  if (account === undefined) {
    const offered = [...cosmos.keys()].join(", ") || "none";
    const message = `The emulators offer these Cosmos DB accounts: ${offered}; not '${name}'. Use one of these names.`;
    throw new ArmError(400, "AccountNotEmulated", message);
  }
  const twin = state.all().find((other) => other.type === COSMOS_TYPE && other.name === name);
  const elsewhere = twin !== undefined && twin.id.toLowerCase() !== target.id.toLowerCase();
  if (elsewhere || account.subscriptionId !== target.subscription) {
    throw new ArmError(409, "Conflict", `Dns record for ${name} under zone Document is already taken.`);
  }
  return account;
}

async function provisionKeys(account: EmulatedCosmosAccount, { state }: ArmCall): Promise<void> {
  const now = new Date().toISOString();
  const keys = [newKey(), newKey()] as const;
  await account.setKeys(keys);
  state.putKeys(account.name, { keys, createdOn: [now, now] });
}

function existing(call: ArmCall): ArmResource {
  requireCosmos(call);
  const found = call.state.get(call.target.id);
  if (found === undefined) throw notFound(call.target.id);
  return found;
}

export const cosmosAccount: ArmKind = {
  get: (call) => ({ status: 200, body: existing(call) }),
  put: async (call) => {
    const { target, state } = call;
    const { location, kind = "GlobalDocumentDB", tags, identity, properties } = parseBody(createSchema, call.body);
    requireGroup(call);
    const account = emulated(call);
    checkCosmosSettings(properties);
    const before = state.get(target.id);
    if (before !== undefined && before.location !== location) {
      throw badRequest(`Location of an account cannot change: it is '${before.location ?? ""}', not '${location}'.`);
    }
    const { properties: kept } = before ?? {};
    if (kept !== undefined) checkCosmosChange(kept as CosmosProperties, properties);
    else await provisionKeys(account, call);
    const saved = state.put({
      id: before?.id ?? target.id,
      name: account.name,
      type: COSMOS_TYPE,
      location,
      kind,
      tags: tags ?? {},
      ...(identity === undefined ? {} : { identity }),
      properties: {
        ...properties,
        documentEndpoint: `https://${account.name}.documents.azure.com:443/`,
        provisioningState: "Succeeded",
      },
    });
    return { status: 200, body: saved };
  },
  patch: (call) => {
    const { tags, properties = {} } = parseBody(updateSchema, call.body);
    const before = existing(call);
    const kept = before.properties as CosmosProperties;
    const merged = { ...kept, ...properties } as CosmosProperties;
    checkCosmosSettings(merged);
    checkCosmosChange(kept, merged);
    const saved = call.state.put({ ...before, ...(tags === undefined ? {} : { tags }), properties: merged });
    return { status: 200, body: saved };
  },
  /** Takes its tables along; what its keys signed is refused from here on. */
  delete: async (call) => {
    if (call.state.get(call.target.id) === undefined) return { status: 204 };
    const account = requireCosmos(call);
    for (const table of account.listTables()) account.deleteTable(table);
    await provisionKeys(account, call);
    call.state.delete(call.target.id);
    return { status: 204 };
  },
};

/** Answered too where keys are not taken (`disableLocalAuth`): they open nothing then. */
export const cosmosKeys: Required<ArmKind>["actions"] = {
  listkeys: (call) => {
    const { name } = requireCosmos(call);
    const [primaryMasterKey = "", secondaryMasterKey = ""] = call.state.keysOf(name)?.keys ?? [];
    return { status: 200, body: { primaryMasterKey, secondaryMasterKey } };
  },
  regeneratekey: async (call) => {
    const { keyKind } = parseBody(z.strictObject({ keyKind: z.enum(["primary", "secondary"]) }), call.body);
    const account = requireCosmos(call);
    const stored = call.state.keysOf(account.name);
    if (stored === undefined) throw notFound(call.target.id);
    const now = new Date().toISOString();
    const [[key1, key2], [made1, made2]] = [stored.keys, stored.createdOn];
    const primary = keyKind === "primary";
    const keys = primary ? [newKey(), key2] as const : [key1, newKey()] as const;
    await account.setKeys(keys);
    call.state.putKeys(account.name, { keys, createdOn: primary ? [now, made2] : [made1, now] });
    return { status: 202 };
  },
};
