import { isIPv4 } from "node:net";
import { z } from "zod";
import { ArmError, notFound } from "../armError";
import { parseBody, requireGroup, tagsSchema, type ArmCall, type ArmKind } from "../kind";
import type { ArmResource } from "../state";

export const VAULT_TYPE = "Microsoft.KeyVault/vaults";
const DELETED_TYPE = "Microsoft.KeyVault/deletedVaults";

const networkAclsSchema = z.strictObject({
  bypass: z.enum(["AzureServices", "None"]).optional(),
  defaultAction: z.enum(["Allow", "Deny"]).optional(),
  ipRules: z
    .array(z.strictObject({ value: z.string().refine((text) => isIPv4(text.split("/")[0] ?? ""), "not IPv4") }))
    .optional(),
  virtualNetworkRules: z.array(z.record(z.string(), z.unknown())).optional(),
});

const propertiesSchema = z.strictObject({
  accessPolicies: z.array(z.record(z.string(), z.unknown())).optional(),
  createMode: z.string().optional(),
  enablePurgeProtection: z.literal(true, "once set, enablePurgeProtection cannot be false").optional(),
  enableRbacAuthorization: z.boolean().optional(),
  enableSoftDelete: z.literal(true).optional(),
  enabledForDeployment: z.boolean().optional(),
  enabledForDiskEncryption: z.boolean().optional(),
  enabledForTemplateDeployment: z.boolean().optional(),
  networkAcls: networkAclsSchema.optional(),
  provisioningState: z.string().optional(),
  publicNetworkAccess: z.string().optional(),
  sku: z.strictObject({ family: z.literal("A"), name: z.enum(["standard", "premium"]) }),
  softDeleteRetentionInDays: z.int().min(7).max(90).optional(),
  tenantId: z.string(),
  vaultUri: z.string().optional(),
});

const vaultSchema = z.strictObject({
  location: z.string(),
  tags: tagsSchema.optional(),
  properties: propertiesSchema,
});

/** The vault that a path means, or 404. */
export function requireVault({ target, state }: ArmCall): ArmResource {
  const group = `/subscriptions/${target.subscription}/resourceGroups/${target.resourceGroup}`;
  const id = `${group}/providers/${VAULT_TYPE}/${target.names[0] ?? ""}`;
  const found = state.get(id);
  if (found === undefined) throw notFound(id);
  return found;
}

/** Names of vaults are unique in the world, soft-deleted ones included. */
function refuseTakenName({ state, target }: ArmCall, name: string): void {
  const taken = state.all().find((other) => other.name === name && [VAULT_TYPE, DELETED_TYPE].includes(other.type));
  if (taken === undefined || taken.id.toLowerCase() === target.id.toLowerCase()) return;
  const message = taken.type === DELETED_TYPE
    ? "A vault with the same name already exists in deleted state. You need to either recover or purge existing vault."
    : `The vault name '${name}' is already in use.`;
  throw new ArmError(409, taken.type === DELETED_TYPE ? "ConflictError" : "VaultAlreadyExists", message);
}

export const vault: ArmKind = {
  get: (call) => ({ status: 200, body: requireVault(call) }),
  put: (call) => {
    requireGroup(call);
    const { location, tags, properties } = parseBody(vaultSchema, call.body);
    const [name = ""] = call.target.names;
    if (!/^[a-zA-Z](?:[a-zA-Z0-9]|-(?!-)){1,22}[a-zA-Z0-9]$/.test(name)) {
      const message = `The vault name '${name}' is invalid: 3-24 letters, digits, hyphens.`;
      throw new ArmError(400, "VaultNameNotValid", message);
    }
    refuseTakenName(call, name);
    const before = call.state.get(call.target.id);
    const saved = call.state.put({
      id: before?.id ?? call.target.id,
      name,
      type: VAULT_TYPE,
      location,
      tags: tags ?? {},
      properties: {
        ...before?.properties,
        ...properties,
        enableSoftDelete: true,
        softDeleteRetentionInDays: properties.softDeleteRetentionInDays ?? 90,
        provisioningState: "Succeeded",
        vaultUri: `https://${name}.vault.azure.net/`,
      },
    });
    return { status: before === undefined ? 201 : 200, body: saved };
  },
  /** Soft: its name stays taken. */
  delete: (call) => {
    const { target, state } = call;
    const found = state.get(target.id);
    if (found === undefined) return { status: 204 };
    state.delete(target.id);
    const deleted = `/subscriptions/${target.subscription}/providers/${DELETED_TYPE}/${found.name}`;
    const { enablePurgeProtection } = found.properties;
    const properties = { vaultId: found.id, deletionDate: new Date().toISOString(), enablePurgeProtection };
    state.put({ id: deleted, name: found.name, type: DELETED_TYPE, properties });
    return { status: 200 };
  },
};
