import { randomBytes } from "node:crypto";
import { z } from "zod";
import { ArmError, notFound } from "../armError";
import type { EmulatedAccount } from "../emulatedAccount";
import { parseBody, requireGroup, tagsSchema, type ArmCall, type ArmKind } from "../kind";
import { checkNetworkAcls, networkAclsSchema, OPEN, showNetworkAcls, type NetworkAcls } from "../networkRules";
import type { ArmResource, StoredKeys } from "../state";

export const ACCOUNT_TYPE = "Microsoft.Storage/storageAccounts";

const propertiesSchema = z.strictObject({
  accessTier: z.enum(["Hot", "Cool", "Cold"]).optional(),
  allowBlobPublicAccess: z.boolean().optional(),
  allowCrossTenantReplication: z.boolean().optional(),
  allowSharedKeyAccess: z.boolean().optional(),
  allowedCopyScope: z.string().optional(),
  defaultToOAuthAuthentication: z.boolean().optional(),
  dnsEndpointType: z.string().optional(),
  encryption: z.record(z.string(), z.unknown()).optional(),
  isHnsEnabled: z.boolean().optional(),
  isLocalUserEnabled: z.boolean().optional(),
  isSftpEnabled: z.boolean().optional(),
  keyPolicy: z.strictObject({ keyExpirationPeriodInDays: z.number() }).optional(),
  largeFileSharesState: z.string().optional(),
  minimumTlsVersion: z.enum(["TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3"]).optional(),
  networkAcls: networkAclsSchema.optional(),
  publicNetworkAccess: z.enum(["Enabled", "Disabled", "SecuredByPerimeter"]).optional(),
  routingPreference: z.record(z.string(), z.unknown()).optional(),
  sasPolicy: z.strictObject({ sasExpirationPeriod: z.string(), expirationAction: z.string() }).optional(),
  supportsHttpsTrafficOnly: z.boolean().optional(),
});

const skuSchema = z.strictObject({ name: z.string(), tier: z.string().optional() });
const updateSchema = z.strictObject({
  identity: z.record(z.string(), z.unknown()).optional(),
  kind: z.literal("StorageV2").optional(),
  properties: propertiesSchema.optional(),
  sku: skuSchema.optional(),
  tags: tagsSchema.optional(),
});
const createSchema = updateSchema.extend({ kind: z.literal("StorageV2"), location: z.string(), sku: skuSchema });

type AccountProperties = z.infer<typeof propertiesSchema>;

const DEFAULTS: AccountProperties = {
  accessTier: "Hot",
  allowBlobPublicAccess: false,
  minimumTlsVersion: "TLS1_0",
  supportsHttpsTrafficOnly: true,
  networkAcls: OPEN,
};

/** The account that a path means: both remembered and emulated, or 404. */
export function requireAccount({ target, state, accounts }: ArmCall): EmulatedAccount {
  const [name = ""] = target.names;
  const group = `/subscriptions/${target.subscription}/resourceGroups/${target.resourceGroup}`;
  const id = `${group}/providers/${ACCOUNT_TYPE}/${name}`;
  const account = accounts.get(name);
  if (account === undefined || state.get(id) === undefined) throw notFound(id);
  return account;
}

function takenAlready(name: string): ArmError {
  return new ArmError(409, "StorageAccountAlreadyTaken", `The storage account named ${name} is already taken.`);
}

function emulated({ target, accounts }: ArmCall): EmulatedAccount {
  const [name = ""] = target.names;
  const account = accounts.get(name);
  if (account === undefined) {
    const message = `The emulators offer the accounts ${[...accounts.keys()].join(", ")}, not '${name}': `
      + "use one of these names.";
    throw new ArmError(400, "AccountNotEmulated", message);
  }
  if (account.subscriptionId !== target.subscription) throw takenAlready(name);
  return account;
}

function show(resource: ArmResource, call: ArmCall): ArmResource {
  const { networkAcls, ...properties } = resource.properties;
  const account = call.accounts.get(resource.name);
  const shown = networkAcls === undefined ? OPEN : (networkAcls as NetworkAcls);
  return {
    ...resource,
    properties: {
      ...properties,
      networkAcls: showNetworkAcls(shown, call.apiVersion),
      // Where the emulator listens today; remembered it would be wrong after a restart.
      primaryEndpoints: account === undefined ? {} : { table: `${account.tableEndpoint}/` },
    },
  };
}

function applyProperties(wanted: AccountProperties, before: AccountProperties, apiVersion: string): AccountProperties {
  const networkAcls = wanted.networkAcls && checkNetworkAcls(wanted.networkAcls, apiVersion);
  return { ...before, ...wanted, ...(networkAcls === undefined ? {} : { networkAcls }) };
}

export function newKey(): string {
  return randomBytes(64).toString("base64");
}

/** A new account has new keys: what another one of that name signed is refused. */
async function provisionKeys(account: EmulatedAccount, call: ArmCall): Promise<StoredKeys> {
  const now = new Date().toISOString();
  const stored: StoredKeys = { keys: [newKey(), newKey()], createdOn: [now, now] };
  await account.setKeys(stored.keys);
  call.state.putKeys(account.name, stored);
  return stored;
}

export const storageAccount: ArmKind = {
  get: (call) => {
    requireAccount(call);
    const found = call.state.get(call.target.id);
    if (found === undefined) throw notFound(call.target.id);
    return { status: 200, body: show(found, call) };
  },
  put: async (call) => {
    const { target, state, apiVersion } = call;
    const { location, kind, sku, tags, properties = {} } = parseBody(createSchema, call.body);
    requireGroup(call);
    const account = emulated(call);
    const elsewhere = state.all().find(({ type, name }) => type === ACCOUNT_TYPE && name === account.name);
    if (elsewhere !== undefined && elsewhere.id.toLowerCase() !== target.id.toLowerCase()) {
      throw takenAlready(account.name);
    }
    const existing = state.get(target.id);
    if (existing !== undefined && existing.location !== location) {
      const message = `The resource '${account.name}' already exists in location '${existing.location}'.`;
      throw new ArmError(409, "InvalidResourceLocation", message);
    }
    const before = (existing?.properties ?? DEFAULTS) as AccountProperties;
    const applied = applyProperties(properties, before, apiVersion);
    const stored = existing === undefined ? await provisionKeys(account, call) : state.keysOf(account.name);
    const [key1 = "", key2 = ""] = stored?.createdOn ?? [];
    const fixed = existing === undefined
      ? { provisioningState: "Succeeded", creationTime: key1, primaryLocation: location, statusOfPrimary: "available" }
      : {};
    const saved = state.put({
      id: existing?.id ?? target.id,
      name: account.name,
      type: ACCOUNT_TYPE,
      location,
      kind,
      sku: { ...sku, tier: sku.name.split("_")[0] ?? "Standard" },
      tags: tags ?? existing?.tags ?? {},
      properties: { ...applied, ...fixed, keyCreationTime: { key1, key2 } },
    });
    return { status: 200, body: show(saved, call) };
  },
  patch: (call) => {
    const { sku, tags, properties = {} } = parseBody(updateSchema, call.body);
    requireAccount(call);
    const existing = call.state.get(call.target.id);
    if (existing === undefined) throw notFound(call.target.id);
    const before = existing.properties as AccountProperties;
    const saved = call.state.put({
      ...existing,
      ...(sku === undefined ? {} : { sku: { ...sku, tier: sku.name.split("_")[0] ?? "Standard" } }),
      ...(tags === undefined ? {} : { tags }),
      properties: { ...applyProperties(properties, before, call.apiVersion) },
    });
    return { status: 200, body: show(saved, call) };
  },
  delete: async (call) => {
    if (call.state.get(call.target.id) === undefined) return { status: 204 };
    const account = requireAccount(call);
    for (const table of await account.listTables()) await account.deleteTable(table);
    await provisionKeys(account, call);
    call.state.delete(call.target.id);
    return { status: 200 };
  },
  list: (call) => {
    const { target, state } = call;
    const group = target.resourceGroup === "" ? "" : `/resourceGroups/${target.resourceGroup}`;
    const all = state.below(`/subscriptions/${target.subscription}${group}`);
    const found = all.filter(({ type }) => type === ACCOUNT_TYPE);
    return { status: 200, body: { value: found.map((resource) => show(resource, call)) } };
  },
};
