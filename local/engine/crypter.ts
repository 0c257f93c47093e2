import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes, scryptSync } from "node:crypto";

/** Encrypts single values; AES-256-GCM, a fresh nonce each time. */
export interface Crypter {
  encrypt(plain: string): string;
  decrypt(cipher: string): string;
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SALT_BYTES = 16;
/** About 0.1 s and 32 MiB: costly for who guesses, bearable once per run. */
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
/** Pulumi's own number (sdk: config/crypt.go). */
const PULUMI_ITERATIONS = 1_000_000;
const CHECK = "landbridge";
const PULUMI_SALT_BYTES = 8;
const PULUMI_CHECK = "pulumi";

function crypter(key: Buffer): Crypter {
  return {
    encrypt: (plain) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      const sealed = Buffer.concat([cipher.update(plain, "utf8"), cipher.final(), cipher.getAuthTag()]);
      return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
    },
    decrypt: (text) => {
      const [version, nonce = "", sealed = ""] = text.split(":");
      const bytes = Buffer.from(sealed, "base64");
      if (version !== "v1" || bytes.length < TAG_BYTES) throw new Error("An encrypted value is malformed.");
      const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString("utf8");
    },
  };
}

function fromScrypt(passphrase: string, salt: Buffer): Crypter {
  return crypter(scryptSync(passphrase, salt, KEY_BYTES, SCRYPT));
}

function proveOrThrow(made: Crypter, check: string, what: string): Crypter {
  try {
    made.decrypt(check);
    return made;
  } catch (cause) {
    const remedy = "Set PULUMI_CONFIG_PASSPHRASE to the passphrase it was made with";
    throw new Error(`The passphrase does not open ${what}. ${remedy}.`, { cause });
  }
}

/** A new crypter, and what a state file keeps to make it again: `scrypt:<salt>:<check>`. No secret is in it. */
export function newCrypter(passphrase: string): { readonly crypter: Crypter; readonly salt: string } {
  const salt = randomBytes(SALT_BYTES);
  const made = fromScrypt(passphrase, salt);
  return { crypter: made, salt: `scrypt:${salt.toString("base64")}:${made.encrypt(CHECK)}` };
}

/** Throws where the passphrase is not the one the file was made with. */
export function openCrypter(passphrase: string, salt: string, what: string): Crypter {
  const [kind, bytes = "", ...check] = salt.split(":");
  if (kind !== "scrypt") throw new Error(`${what} was not written by the local engine (${kind ?? ""}).`);
  return proveOrThrow(fromScrypt(passphrase, Buffer.from(bytes, "base64")), check.join(":"), what);
}

/** What `newCrypter` is for a state file, for a stack's configuration: `v1:<salt>:<check>`, as Pulumi writes it. */
export function newPulumiCrypter(passphrase: string): { readonly crypter: Crypter; readonly salt: string } {
  const bytes = randomBytes(PULUMI_SALT_BYTES);
  const made = crypter(pbkdf2Sync(passphrase, bytes, PULUMI_ITERATIONS, KEY_BYTES, "sha256"));
  return { crypter: made, salt: `v1:${bytes.toString("base64")}:${made.encrypt(PULUMI_CHECK)}` };
}

/** Opens `secure:` values of a stack's configuration, as `pulumi config set --secret` writes them. */
export function openPulumiCrypter(passphrase: string, encryptionSalt: string, what: string): Crypter {
  const [version, bytes = "", ...check] = encryptionSalt.split(":");
  if (version !== "v1") throw new Error(`The encryptionsalt in ${what} is of an unknown kind.`);
  const key = pbkdf2Sync(passphrase, Buffer.from(bytes, "base64"), PULUMI_ITERATIONS, KEY_BYTES, "sha256");
  return proveOrThrow(crypter(key), check.join(":"), what);
}
