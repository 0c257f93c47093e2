import { createPublicKey, type JsonWebKey } from "node:crypto";
import type { TokenCredential } from "@azure/identity";
import type { CryptographyClientOptions, KeyVaultKey } from "@azure/keyvault-keys";
import { firstLineOf, openIdentity } from "../../access/ambientIdentity";
import { assert, OperationalError } from "../../engine/errors";
import { algorithmOf } from "../../report/evidence/algorithm";
import type { Signer } from "../../report/evidence/jws";

/** `https://contoso.vault.azure.net/keys/evidence`, with a version or without: the newest then. */
const HOST = "[a-z0-9-]+\\.(?:vault|managedhsm)\\.(?:azure\\.net|azure\\.cn|usgovcloudapi\\.net)";
const ADDRESS = new RegExp(`^(https://${HOST})/keys/([A-Za-z0-9-]{1,127})(?:/([0-9a-f]{32}))?$`);

/** What tests put in the vault's and the identity's place. */
export interface VaultDoors {
  readonly identity?: TokenCredential;
  readonly options?: CryptographyClientOptions;
}

export function isVaultKey(text: string): boolean {
  return /^https?:\/\//i.test(text.trim());
}

function refused(address: string, doing: string, cause: unknown): OperationalError {
  return new OperationalError({
    code: "SigningKeyUnreachable",
    message: `Cannot ${doing} the key ${address}: ${firstLineOf(cause)} Signing needs the role Key Vault Crypto User ` +
      "on the key, a network that reaches the vault, and a sign-in (`az login`, or a managed identity).",
    cause,
  });
}

/** The public half as JSON Web Key; the SDK hands its numbers over as bytes. */
function publicJwk({ key = {} }: KeyVaultKey): JsonWebKey {
  const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString("base64url");
  const { crv, n, e, x, y } = key;
  // Keys in hardware are of the same kinds.
  const kty = key.kty?.replace(/-HSM$/, "");
  const members = { kty, crv, n: text(n), e: text(e), x: text(x), y: text(y) };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/**
 * Signs with a key that never leaves its vault: two requests, one for its public half and one a signature.
 * Throws OperationalError `SigningKeyUnreadable` (no such address), `SigningKeyUnreachable` or `SigningKeyUnfit`.
 */
export async function vaultSigner(text: string, doors: VaultDoors = {}): Promise<Signer> {
  const address = text.trim();
  const match = ADDRESS.exec(address);
  if (match === null) {
    throw new OperationalError({
      code: "SigningKeyUnreadable",
      message: `${address} is no Key Vault key. Write it like https://contoso.vault.azure.net/keys/evidence, as ` +
        "`az keyvault key show --query key.kid` prints it.",
    });
  }
  const [, vault = "", name = "", version] = match;
  // Loaded by who needs it: most runs sign nothing, or by a key of their own.
  const { CryptographyClient, KeyClient } = await import("@azure/keyvault-keys");
  const identity = doors.identity ?? await openIdentity();
  const keys = new KeyClient(vault, identity, doors.options);
  const found = await keys.getKey(name, version === undefined ? {} : { version }).catch((cause: unknown) => {
    throw refused(address, "read", cause);
  });
  const jwk = publicJwk(found);
  const known = jwk.kty === "EC" || jwk.kty === "RSA";
  if (!known || (jwk.kty === "EC" && jwk.crv !== "P-256")) {
    throw new OperationalError({
      code: "SigningKeyUnfit",
      message: `${address} is a key of type ${[jwk.kty ?? "unknown", jwk.crv].join(" ").trim()}. Take one of type EC ` +
        "on P-256, or RSA of 2048 bits or more.",
    });
  }
  const publicKey = createPublicKey({ key: jwk, format: "jwk" });
  const algorithm = algorithmOf(publicKey, address);
  assert(algorithm !== "EdDSA", "a vault has no Ed25519 keys");
  // By the version just read: a key that is rotated meanwhile would sign what the public half above does not verify.
  const client = new CryptographyClient(found, identity, doors.options);
  return {
    algorithm,
    publicKey,
    origin: found.id ?? address,
    sign: (data) => client.signData(algorithm, data).then(({ result }) => result, (cause: unknown) => {
      throw refused(address, "sign with", cause);
    }),
  };
}
