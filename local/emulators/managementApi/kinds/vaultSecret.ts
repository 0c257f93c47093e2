import { randomBytes } from "node:crypto";
import { z } from "zod";
import { ArmError, notFound } from "../armError";
import { parseBody, tagsSchema, type ArmAnswer, type ArmCall, type ArmKind } from "../kind";
import type { ArmResource, ManagementState } from "../state";
import { requireVault, VAULT_TYPE } from "./vault";

const SECRET_TYPE = "Microsoft.KeyVault/vaults/secrets";
/** Longest secret, in bytes (Key Vault service limits). */
const VALUE_BYTES_MAX = 25 * 1024;

const secretSchema = z.strictObject({
  tags: tagsSchema.optional(),
  properties: z.strictObject({
    // The length is checked below: a schema's error could show the value.
    value: z.string().optional(),
    contentType: z.string().optional(),
    attributes: z
      .strictObject({ enabled: z.boolean().optional(), nbf: z.int().optional(), exp: z.int().optional() })
      .optional(),
  }),
});

/** A deleted secret of a vault with soft delete keeps its name until it is purged. */
function isDeleted(secret: ArmResource): boolean {
  return secret.properties.deletedOn !== undefined;
}

function liveSecret(call: ArmCall): ArmResource {
  requireVault(call);
  const found = call.state.get(call.target.id);
  if (found === undefined || isDeleted(found)) throw notFound(call.target.id);
  return found;
}

/** Through the management API a secret's value goes in and never comes out, and nothing can be deleted. */
export const vaultSecret: ArmKind = {
  get: (call) => ({ status: 200, body: liveSecret(call) }),
  put: (call) => {
    const { name: vaultName } = requireVault(call);
    const { tags, properties } = parseBody(secretSchema, call.body);
    const { value, contentType, attributes } = properties;
    const [, name = ""] = call.target.names;
    if (!/^[a-zA-Z0-9-]{1,127}$/.test(name)) {
      throw new ArmError(400, "InvalidParameter", `'${name}' is not a secret name: 1-127 letters, digits, hyphens.`);
    }
    if (value !== undefined && Buffer.byteLength(value) > VALUE_BYTES_MAX) {
      throw new ArmError(400, "BadParameter", `The secret value is longer than ${VALUE_BYTES_MAX} bytes.`);
    }
    const before = call.state.get(call.target.id);
    if (before !== undefined && isDeleted(before)) {
      const message = `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused.`;
      throw new ArmError(409, "Conflict", message);
    }
    const now = Math.floor(Date.now() / 1000);
    const uri = `https://${vaultName}.vault.azure.net/secrets/${name}`;
    const { created = now } = (before?.properties.attributes ?? {}) as { created?: number };
    const saved = call.state.put({
      id: before?.id ?? call.target.id,
      name,
      type: SECRET_TYPE,
      tags: tags ?? {},
      properties: {
        ...(contentType === undefined ? {} : { contentType }),
        attributes: { enabled: true, ...attributes, created, updated: now },
        secretUri: uri,
        secretUriWithVersion: `${uri}/${randomBytes(16).toString("hex")}`,
      },
    });
    if (value !== undefined) call.state.putSecretValue(saved.id, value);
    return { status: before === undefined ? 201 : 200, body: saved };
  },
};

/**
 * The vault's own data plane, which in Azure answers at `https://<vault>.vault.azure.net/secrets/<name>`
 * and here below `/keyvault/<vault>/secrets/<name>`: reads values and deletes softly.
 */
export function vaultDataPlane(state: ManagementState, method: string, path: string): ArmAnswer | undefined {
  const { vault, name } = /^\/keyvault\/(?<vault>[^/]+)\/secrets\/(?<name>[^/]+)$/i.exec(path)?.groups ?? {};
  if (vault === undefined || name === undefined) return undefined;
  const owner = state.all().find(({ type, name: other }) => type === VAULT_TYPE && other === vault);
  const secret = owner && state.get(`${owner.id}/secrets/${name}`);
  if (secret === undefined || isDeleted(secret)) {
    throw new ArmError(404, "SecretNotFound", `A secret with (name/id) ${name} was not found in this key vault.`);
  }
  const shown = { id: secret.properties.secretUriWithVersion, attributes: secret.properties.attributes };
  if (method === "GET") return { status: 200, body: { ...shown, value: state.secretValue(secret.id) } };
  if (method !== "DELETE") throw new ArmError(405, "MethodNotAllowed", `${method} is not supported on a secret here.`);
  state.delete(secret.id);
  state.put({ ...secret, properties: { ...secret.properties, deletedOn: new Date().toISOString() } });
  return { status: 200, body: shown };
}
