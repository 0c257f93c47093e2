import type { KeyObject } from "node:crypto";
import { z } from "zod";
import { OperationalError } from "../../engine/errors";
import { isSignedBy, type SignatureAlgorithm, thumbprintOf } from "./algorithm";
import type { PublicKey } from "./publicKey";

/** Whatever signs: a key in a file, or one that never leaves its vault. */
export interface Signer {
  readonly algorithm: SignatureAlgorithm;
  readonly publicKey: KeyObject;
  /** For people: a path, or a vault key's address. */
  readonly origin: string;
  readonly sign: (data: Uint8Array) => Promise<Uint8Array>;
}

/** Told apart from other tokens of the same key: RFC 7515, section 4.1.9. */
const TYPE = "landbridge-report+jws";

const headerSchema = z.object({
  alg: z.string(),
  kid: z.string(),
  typ: z.literal(TYPE),
  /** Extensions that must be understood: there are none. RFC 7515, section 4.1.11. */
  crit: z.undefined().optional(),
});

const encoded = (text: string) => Buffer.from(text, "utf8").toString("base64url");

function refuse(message: string): never {
  throw new OperationalError({ code: "SignatureInvalid", message });
}

/** A text and its signature in one line: JWS in compact form (RFC 7515), which many tools and libraries verify. */
export async function signText(text: string, { algorithm, publicKey, origin, sign }: Signer): Promise<string> {
  const header = encoded(JSON.stringify({ alg: algorithm, kid: thumbprintOf(publicKey), typ: TYPE }));
  const signed = `${header}.${encoded(text)}`;
  const data = Buffer.from(signed, "ascii");
  const signature = await sign(data);
  // Nothing is written that nobody could verify: a vault may answer with another version of the key.
  if (!isSignedBy(algorithm, publicKey, data, signature)) {
    refuse(`${origin} gave a signature that its own public key does not verify. Was the key rotated meanwhile? Name ` +
      "the key's version, and sign again.");
  }
  return `${signed}.${Buffer.from(signature).toString("base64url")}`;
}

interface Parts {
  readonly header: z.infer<typeof headerSchema>;
  readonly text: string;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}

function partsOf(jws: string, origin: string): Parts {
  const trimmed = jws.trim();
  const parts = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(trimmed)?.slice(1);
  const remedy = "Give the .jws file as it was written.";
  if (parts === undefined) return refuse(`${origin} is no signature in compact form. ${remedy}`);
  const [header, text, signature] = parts.map((part) => Buffer.from(part, "base64url")) as [Buffer, Buffer, Buffer];
  let value: unknown;
  try {
    value = JSON.parse(header.toString("utf8"));
  } catch {
    value = undefined;
  }
  const parsed = headerSchema.safeParse(value);
  if (!parsed.success) return refuse(`${origin} does not begin as a landbridge signature does. ${remedy}`);
  const data = Buffer.from(trimmed.slice(0, trimmed.lastIndexOf(".")), "ascii");
  return { header: parsed.data, text: text.toString("utf8"), data, signature };
}

/** The name of the key that a signature claims: nothing is verified. Throws `SignatureInvalid`. */
export function claimedKey(jws: string, origin: string): string {
  return partsOf(jws, origin).header.kid;
}

/**
 * The text that was signed, if it was signed by this key. The key says how, not the signature: who could choose the
 * algorithm could forge. Throws OperationalError `SignatureInvalid`.
 */
export function verifiedText(jws: string, origin: string, { key, algorithm, origin: keyOrigin }: PublicKey): string {
  const { header, text, data, signature } = partsOf(jws, origin);
  const kid = thumbprintOf(key);
  if (header.kid !== kid) {
    refuse(`${origin} is by the key ${header.kid}, and ${keyOrigin} is the key ${kid}. Give the public key of ` +
      "whoever was to sign; if it is the one given, somebody else signed.");
  }
  if (header.alg !== algorithm || !isSignedBy(algorithm, key, data, signature)) {
    refuse(`${origin} is no valid signature of the key ${kid} (${algorithm}): it was changed after it was made. Ask ` +
      "for the original.");
  }
  return text;
}
