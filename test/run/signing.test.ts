import { constants, createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

import { createHttpHeaders, type HttpClient, type PipelineRequest } from "@azure/core-rest-pipeline";

import { isSignedBy } from "../../migration/report/evidence/algorithm";
import { openSigner } from "../../migration/run/signing/openSigner";
import { vaultSigner } from "../../migration/run/signing/vaultKey";

const VERSION = "78deebed173b48e48f55abf87ed4cf71";
const KEY = "https://contoso.vault.azure.net/keys/evidence";

/** A key that a vault holds, and how the vault's REST interface shows it. */
interface Held {
  readonly privateKey: KeyObject;
  readonly jwk: Readonly<Record<string, unknown>>;
}

function held(pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }): Held {
  const jwk = pair.publicKey.export({ format: "jwk" });
  return { privateKey: pair.privateKey, jwk: { ...jwk, kid: `${KEY}/${VERSION}` } };
}

const HOW = {
  EC: { dsaEncoding: "ieee-p1363" },
  RSA: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
} as const;

/** Answers as a vault does: a challenge first, then the key's public half, and signatures over digests. */
class Vault {
  readonly requests: string[] = [];
  refusal: number | undefined;
  /** A vault is sent digests, and Node signs data: what a digest was made of is told beforehand. */
  private readonly dataByDigest = new Map<string, Uint8Array>();

  constructor(private readonly key: Held, private readonly signing: Held = key) {}

  readonly client: HttpClient = {
    sendRequest: (request) => {
      const { status, body } = this.answer(request);
      const headers = createHttpHeaders({ "content-type": "application/json", ...(status === 401 && {
        "www-authenticate": "Bearer authorization=\"https://login.example/t\", resource=\"https://vault.azure.net\"",
      }) });
      return Promise.resolve({ request, status, headers, bodyAsText: JSON.stringify(body) });
    },
  };

  announce(data: Uint8Array): void {
    this.dataByDigest.set(createHash("sha256").update(data).digest("base64url"), data);
  }

  private answer(request: PipelineRequest): { status: number; body: object } {
    if (!request.headers.has("authorization")) return { status: 401, body: {} };
    this.requests.push(`${request.method} ${new URL(request.url).pathname}`);
    if (this.refusal !== undefined) {
      return { status: this.refusal, body: { error: { code: "Forbidden", message: "You may not do this." } } };
    }
    if (request.method === "GET") return { status: 200, body: { key: this.key.jwk, attributes: {} } };
    const { value } = JSON.parse(String(request.body)) as { value: string };
    const data = this.dataByDigest.get(value);
    if (data === undefined) throw new Error("The vault was sent the digest of something else.");
    const { privateKey, jwk } = this.signing;
    const result = sign("sha256", data, { key: privateKey, ...HOW[jwk["kty"] as keyof typeof HOW] });
    return { status: 200, body: { kid: jwk["kid"], value: result.toString("base64url") } };
  }
}

const identity = {
  getToken: () => Promise.resolve({ token: "token", expiresOnTimestamp: Date.now() + 3_600_000 }),
};

const doorsTo = (vault: Vault) => ({
  identity,
  options: { httpClient: vault.client, retryOptions: { maxRetries: 0 } },
});

const kinds = {
  ES256: held(generateKeyPairSync("ec", { namedCurve: "P-256" })),
  PS256: held(generateKeyPairSync("rsa", { modulusLength: 2048 })),
};

describe("signing with a key that stays in its vault", () => {
  it.each(["ES256", "PS256"] as const)("asks the vault for the signature, by the key's version (%s)", async (name) => {
    const vault = new Vault(kinds[name]);
    const signer = await vaultSigner(KEY, doorsTo(vault));
    expect(signer).toMatchObject({ algorithm: name, origin: `${KEY}/${VERSION}` });
    const data = Buffer.from("header.payload");
    vault.announce(data);
    expect(isSignedBy(name, signer.publicKey, data, await signer.sign(data))).toBe(true);
    expect(vault.requests).toHaveLength(2);
    expect(vault.requests[0]).toMatch(/^GET \/keys\/evidence/);
    expect(vault.requests[1]).toBe(`POST /keys/evidence/${VERSION}/sign`);
  });

  it("says which right is missing where the vault refuses", async () => {
    const vault = new Vault(kinds.ES256);
    vault.refusal = 403;
    await expect(vaultSigner(KEY, doorsTo(vault))).rejects.toMatchObject({
      code: "SigningKeyUnreachable", message: expect.stringMatching(/read the key .*Key Vault Crypto User/) as string,
    });
    vault.refusal = undefined;
    const signer = await vaultSigner(KEY, doorsTo(vault));
    vault.refusal = 403;
    await expect(signer.sign(Buffer.from("x"))).rejects.toMatchObject({ code: "SigningKeyUnreachable" });
  });

  it("refuses curves that no reader of these signatures expects", async () => {
    const vault = new Vault(held(generateKeyPairSync("ec", { namedCurve: "P-384" })));
    const remedy = /is a key of type EC P-384. Take one of type EC on P-256/;
    await expect(vaultSigner(KEY, doorsTo(vault))).rejects.toThrow(remedy);
  });

  it.each([
    "http://contoso.vault.azure.net/keys/evidence",
    "https://contoso.vault.azure.net/secrets/evidence",
    "https://contoso.vault.attacker.example/keys/evidence",
  ])(
    "refuses an address that is no key's: %s", async (address) => {
      await expect(openSigner({ text: address, origin: "LANDBRIDGE_SIGNING_KEY" })).rejects.toMatchObject({
        code: "SigningKeyUnreadable", message: expect.stringContaining(address) as string,
      });
    });
});
