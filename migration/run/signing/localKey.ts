import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { OperationalError } from "../../engine/errors";
import { algorithmOf, signWith } from "../../report/evidence/algorithm";
import type { Signer } from "../../report/evidence/jws";

function parse(pem: string, origin: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // The cause is left away: it may quote what it could not read.
    throw new OperationalError({
      code: "SigningKeyUnreadable",
      message: `${origin} holds no private key that can be read. Give PEM without a passphrase, as ` +
        "`openssl genpkey -algorithm ed25519 -out evidence.pem` writes it, or a Key Vault key's https address.",
    });
  }
}

/** Signs with a private key held in memory. Throws OperationalError `SigningKeyUnreadable` or `SigningKeyUnfit`. */
export function localSigner(pem: string, origin: string): Signer {
  const key = parse(pem, origin);
  const algorithm = algorithmOf(key, origin);
  return {
    algorithm,
    publicKey: createPublicKey(key),
    origin,
    sign: (data) => Promise.resolve(signWith(algorithm, key, data)),
  };
}
