import { constants, createHash, type KeyObject, sign, verify } from "node:crypto";
import { assert, OperationalError } from "../../engine/errors";

/** Of a signature, as RFC 7518 (ES256, PS256) and RFC 8037 (EdDSA) name them. */
export type SignatureAlgorithm = "ES256" | "EdDSA" | "PS256";

/** Below this an RSA key is no evidence: RFC 7518, section 3.5. */
const RSA_BITS_MIN = 2048;
const REMEDY = "Take a key on the curve P-256, an Ed25519 key, or an RSA key of 2048 bits or more.";

/** How a key signs: one way for each kind of key, so that a signature cannot choose. Throws `SigningKeyUnfit`. */
export function algorithmOf(key: KeyObject, origin: string): SignatureAlgorithm {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === "ed25519") return "EdDSA";
  if (type === "ec" && details?.namedCurve === "prime256v1") return "ES256";
  if (type === "rsa" && (details?.modulusLength ?? 0) >= RSA_BITS_MIN) return "PS256";
  const what = type === "ec" ? `an EC key on ${details?.namedCurve ?? "an unknown curve"}`
    : type === "rsa" ? `an RSA key of ${details?.modulusLength ?? 0} bits` : `a key of type ${type ?? "unknown"}`;
  throw new OperationalError({ code: "SigningKeyUnfit", message: `${origin} is ${what}. ${REMEDY}` });
}

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

/** What Node is told beside the key: JWS has the two numbers of an ECDSA signature side by side, not in DER. */
function howOf(algorithm: SignatureAlgorithm, key: KeyObject) {
  if (algorithm === "ES256") return { key, dsaEncoding: "ieee-p1363" as const };
  return algorithm === "PS256" ? { key, ...PSS } : { key };
}

const digestOf = (algorithm: SignatureAlgorithm) => (algorithm === "EdDSA" ? undefined : "sha256");

export function signWith(algorithm: SignatureAlgorithm, key: KeyObject, data: Uint8Array): Uint8Array {
  return sign(digestOf(algorithm), data, howOf(algorithm, key));
}

export function isSignedBy(
  algorithm: SignatureAlgorithm,
  key: KeyObject,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verify(digestOf(algorithm), data, howOf(algorithm, key), signature);
}

/** The members of a public key that RFC 7638 hashes, in its order. */
const THUMBPRINT_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  EC: ["crv", "kty", "x", "y"],
  OKP: ["crv", "kty", "x"],
  RSA: ["e", "kty", "n"],
};

/** A public key's name that anybody can compute again: its RFC 7638 thumbprint, SHA-256, base64url. */
export function thumbprintOf(publicKey: KeyObject): string {
  const jwk = publicKey.export({ format: "jwk" });
  const members = THUMBPRINT_MEMBERS[jwk.kty ?? ""];
  assert(members !== undefined, `keys of type ${String(jwk.kty)} were refused before`);
  const text = JSON.stringify(Object.fromEntries(members.map((name) => [name, jwk[name]])));
  return createHash("sha256").update(text, "utf8").digest("base64url");
}
