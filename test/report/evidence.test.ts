import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";

import fc from "fast-check";

import { OperationalError } from "../../migration/engine/errors";
import { algorithmOf, isSignedBy, signWith, thumbprintOf } from "../../migration/report/evidence/algorithm";
import { checkEvidence, signReport } from "../../migration/report/evidence/evidence";
import { signText, type Signer } from "../../migration/report/evidence/jws";
import { readPublicKey } from "../../migration/report/evidence/publicKey";
import { localSigner } from "../../migration/run/signing/localKey";
import { reportOf, runOutcome } from "./outcomes";

const pem = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }).toString();
const spki = (key: KeyObject) => key.export({ type: "spki", format: "pem" }).toString();

const pairs = {
  ES256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  EdDSA: generateKeyPairSync("ed25519"),
  PS256: generateKeyPairSync("rsa", { modulusLength: 2048 }),
};
const algorithms = Object.keys(pairs) as (keyof typeof pairs)[];

const report = reportOf({});
const signerOf = (name: keyof typeof pairs): Signer => localSigner(pem(pairs[name].privateKey), "evidence.pem");
const publicOf = (name: keyof typeof pairs) => readPublicKey(spki(pairs[name].publicKey), "evidence.pub");

function refusal(act: () => unknown): OperationalError {
  try {
    act();
  } catch (error) {
    if (error instanceof OperationalError) return error;
    throw error;
  }
  throw new Error("Nothing was refused.");
}

describe("a report's signature", () => {
  it.each(algorithms)("by a key for %s is verified by the public half, and tells what was signed", async (name) => {
    const jws = await signReport(report, signerOf(name));
    expect(jws).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    const said = checkEvidence(report, jws, "r.json.jws", publicOf(name));
    expect(said).toMatchObject({ hash: report.hash, runId: report.runId, verdict: "equal" });
  });

  it("is what other tools make and verify: the example of RFC 7515, A.3, and the thumbprint of RFC 7638, 3.1", () => {
    const key = createPublicKey({ format: "jwk", key: {
      kty: "EC", crv: "P-256",
      x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    } });
    const data = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvb"
      + "S9pc19yb290Ijp0cnVlfQ";
    const signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    expect(isSignedBy("ES256", key, Buffer.from(data), Buffer.from(signature, "base64url"))).toBe(true);
    const rsa = createPublicKey({ format: "jwk", key: { kty: "RSA", e: "AQAB", n: [
      "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjB",
      "ZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8",
      "KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_",
      "xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    ].join("") } });
    expect(thumbprintOf(rsa)).toBe("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  });

  it("does not survive the change of a single character", async () => {
    const jws = await signReport(report, signerOf("ES256"));
    const signatureAt = jws.lastIndexOf(".") + 1;
    fc.assert(fc.property(fc.nat(jws.length - 1), fc.constantFrom(..."Aaz09-_."), (at, other) => {
      fc.pre(jws[at] !== other);
      // Base64 leaves bits of the last character of each part without a meaning.
      fc.pre(at !== jws.length - 1 && jws[at + 1] !== ".");
      const changed = `${jws.slice(0, at)}${other}${jws.slice(at + 1)}`;
      const { code } = refusal(() => checkEvidence(report, changed, "r.json.jws", publicOf("ES256")));
      expect(code).toBe("SignatureInvalid");
    }), { numRuns: 300, examples: [[0, "A"], [signatureAt, "."], [signatureAt + 3, "-"]] });
  });

  it("of another run is told apart, though the key is right", async () => {
    const other = reportOf({ outcome: runOutcome({ runId: "another" }) });
    const jws = await signReport(other, signerOf("EdDSA"));
    const { code, message } = refusal(() => checkEvidence(report, jws, "r.json.jws", publicOf("EdDSA")));
    expect(code).toBe("SignatureInvalid");
    expect(message).toMatch(/is of another report: it says hash "sha256:/);
  });

  it("says by itself what the verdict is worth, and a signature of before it did is still good", async () => {
    const counted = reportOf({ outcome: { level: "count" } });
    const [, text = ""] = (await signReport(counted, signerOf("EdDSA"))).split(".");
    const said = JSON.parse(Buffer.from(text, "base64url").toString()) as Record<string, unknown>;
    expect(said).toMatchObject({ verdict: "equal", level: "count", dryRun: false });
    const before = Object.fromEntries(Object.entries(said).filter(([name]) => !["level", "dryRun"].includes(name)));
    const old = await signText(JSON.stringify(before), signerOf("EdDSA"));
    expect(checkEvidence(counted, old, "r.json.jws", publicOf("EdDSA"))).toMatchObject({ hash: counted.hash });
    const full = await signText(JSON.stringify({ ...said, level: "full" }), signerOf("EdDSA"));
    const { message } = refusal(() => checkEvidence(counted, full, "r.json.jws", publicOf("EdDSA")));
    expect(message).toMatch(/it says level "full", and the report has "count"/);
  });

  it("by somebody else's key is refused, and both keys are named", async () => {
    const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const jws = await signReport(report, localSigner(pem(stranger.privateKey), "stranger.pem"));
    const { message } = refusal(() => checkEvidence(report, jws, "r.json.jws", publicOf("ES256")));
    expect(message).toContain(thumbprintOf(stranger.publicKey));
    expect(message).toContain(thumbprintOf(pairs.ES256.publicKey));
  });

  it("cannot choose how it is verified: an algorithm that is not the key's is refused", async () => {
    const jws = await signReport(report, signerOf("ES256"));
    const [header = "", text, signature] = jws.split(".");
    const fields = JSON.parse(Buffer.from(header, "base64url").toString()) as object;
    for (const alg of ["none", "HS256", "PS256"]) {
      const forged = Buffer.from(JSON.stringify({ ...fields, alg })).toString("base64url");
      const act = () => checkEvidence(report, [forged, text, signature].join("."), "r.json.jws", publicOf("ES256"));
      expect(refusal(act).code).toBe("SignatureInvalid");
    }
  });

  it("is not written where the key's own public half does not verify it", async () => {
    const signer = signerOf("ES256");
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    const rotated: Signer = { ...signer, sign: (data) => Promise.resolve(signWith("ES256", other, data)) };
    await expect(signReport(report, rotated)).rejects.toMatchObject({ code: "SignatureInvalid" });
  });
});

describe("keys", () => {
  it("are read from PEM and from a JSON Web Key", () => {
    const { publicKey } = pairs.ES256;
    const jwk = JSON.stringify(publicKey.export({ format: "jwk" }));
    expect(thumbprintOf(readPublicKey(jwk, "key.json").key)).toBe(thumbprintOf(publicKey));
  });

  it("that are too weak, or of a kind that signs no report, are refused with what to take", () => {
    const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });
    expect(() => algorithmOf(weak.publicKey, "weak.pem")).toThrow(/weak.pem is an RSA key of 1024 bits. Take a key on/);
    const curve = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
    expect(() => localSigner(pem(curve.privateKey), "coin.pem")).toThrow(/coin.pem is an EC key on secp256k1/);
  });

  it("that are private are not taken for public ones, and nothing of them is repeated", () => {
    const secret = pem(pairs.EdDSA.privateKey);
    const inside = secret.split("\n")[1] ?? "";
    const { code, message } = refusal(() => readPublicKey(secret, "evidence.pem"));
    expect(code).toBe("PublicKeyUnreadable");
    expect(message).not.toContain(inside);
    const jwk = JSON.stringify(pairs.ES256.privateKey.export({ format: "jwk" }));
    expect(refusal(() => readPublicKey(jwk, "key.json")).code).toBe("PublicKeyUnreadable");
    const half = refusal(() => localSigner(secret.slice(0, -40), "evidence.pem"));
    expect(half.message).toMatch(/evidence.pem holds no private key that can be read. Give PEM/);
    expect(half.message).not.toContain(inside.slice(0, 20));
  });
});
