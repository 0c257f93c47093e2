import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { DEPLOYER } from "./deployer";

const TOKEN_HOURS = 1;

/** The audiences of tokens for rows: of Cosmos DB accounts, and of storage accounts. */
export const COSMOS_AUDIENCE = "https://cosmos.azure.com";
export const STORAGE_AUDIENCE = "https://storage.azure.com";

export interface IdentityService {
  /** What a process needs to sign in as the deployer; with AZURE_CLIENT_ID besides, as a managed identity. Secret. */
  readonly environment: Readonly<Record<"IDENTITY_ENDPOINT" | "IDENTITY_HEADER", string>>;
  /** Who shows a token that was given out here for this audience; undefined: nobody. */
  principalOf(token: string, audience: string): string | undefined;
  stop(): Promise<void>;
}

interface Claims {
  readonly oid: string;
  readonly aud: string;
  /** Seconds since 1970. */
  readonly exp: number;
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Tokens in the shape of Entra ID's; who made them is known by a key of this process. */
class Tokens {
  readonly #key = randomBytes(32);

  issue(claims: Claims): string {
    const text = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
    return `${text}.${this.#sign(text)}`;
  }

  read(token: string): Claims | undefined {
    const [header = "", body = "", signature = ""] = token.split(".");
    const [given, wanted] = [Buffer.from(signature), Buffer.from(this.#sign(`${header}.${body}`))];
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
    return JSON.parse(Buffer.from(body, "base64url").toString("utf8")) as Claims;
  }

  #sign(text: string): string {
    return createHmac("sha256", this.#key).update(text).digest("base64url");
  }
}

/**
 * Stands in for the endpoint at which a host in Azure gives its identities tokens (managed identities of App Service
 * and Container Apps, api-version 2019-08-01), so that Azure's own SDK signs in here. `principalOfClient` knows the
 * managed identities; who names none is the deployer.
 */
export async function startIdentityService(
  principalOfClient: (clientId: string) => string | undefined,
): Promise<IdentityService> {
  const tokens = new Tokens();
  const secret = randomBytes(32).toString("base64url");
  const answer = (request: IncomingMessage): readonly [number, unknown] => {
    const { searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
    const refused = (message: string) => ({ error: { code: "invalid_request", message } });
    if (request.headers["x-identity-header"] !== secret) return [401, refused("X-IDENTITY-HEADER is not right.")];
    const aud = searchParams.get("resource");
    if (aud === null) return [400, refused("The resource is missing.")];
    const clientId = searchParams.get("client_id");
    const oid = clientId === null ? DEPLOYER.objectId : principalOfClient(clientId);
    if (oid === undefined) return [400, refused(`No managed identity has the client id ${clientId}.`)];
    const exp = Math.floor(Date.now() / 1000) + TOKEN_HOURS * 3_600;
    const audience = aud.replace(/\/+$/, "");
    const body = { access_token: tokens.issue({ oid, aud: audience, exp }), expires_on: `${exp}`, resource: aud };
    return [200, { ...body, token_type: "Bearer" }];
  };
  const server = createServer((request, response) => {
    const [status, body] = answer(request);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((settle, refuse) => {
    server.once("error", refuse);
    server.listen(0, "127.0.0.1", settle);
  });
  const { port } = server.address() as AddressInfo;
  return {
    environment: { IDENTITY_ENDPOINT: `http://127.0.0.1:${port}/msi/token`, IDENTITY_HEADER: secret },
    principalOf: (token, audience) => {
      const claims = tokens.read(token);
      if (claims === undefined || claims.aud !== audience || claims.exp * 1000 < Date.now()) return undefined;
      return claims.oid;
    },
    stop: () =>
      new Promise((settle) => {
        server.close(() => settle());
        server.closeAllConnections();
      }),
  };
}
