import { createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { OperationalError } from "../../engine/errors";
import { algorithmOf, type SignatureAlgorithm } from "./algorithm";

/** What signatures are checked with. */
export interface PublicKey {
  readonly key: KeyObject;
  readonly algorithm: SignatureAlgorithm;
  /** For people: its path. */
  readonly origin: string;
}

function parse(text: string): KeyObject {
  if (text.includes("-----BEGIN CERTIFICATE-----")) return new X509Certificate(text).publicKey;
  if (text.trimStart().startsWith("{")) {
    return createPublicKey({ key: JSON.parse(text) as Record<string, string>, format: "jwk" });
  }
  return createPublicKey(text);
}

/**
 * A public key from PEM (SPKI, or a certificate, whose validity is the reader's to judge) or from a JSON Web Key.
 * Throws OperationalError `PublicKeyUnreadable` or `SigningKeyUnfit`.
 */
export function readPublicKey(text: string, origin: string): PublicKey {
  const wanted = "Give a public key: PEM (-----BEGIN PUBLIC KEY-----), a certificate, or a JSON Web Key.";
  // Node would make a public key of it without a word; who hands a private key about should hear of it.
  if (text.includes("PRIVATE KEY-----") || /"d"\s*:/.test(text)) {
    throw new OperationalError({
      code: "PublicKeyUnreadable",
      message: `${origin} holds a private key, which should not leave its owner: replace it if others can read it. ` +
        wanted,
    });
  }
  let key: KeyObject;
  try {
    key = parse(text);
  } catch {
    throw new OperationalError({ code: "PublicKeyUnreadable", message: `${origin} holds no public key. ${wanted}` });
  }
  return { key, algorithm: algorithmOf(key, origin), origin };
}
