import { createServer, type Server } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";
import { ArmError } from "./armError";
import { parseArmId } from "./armId";
import { dispatch } from "./dispatch";
import type { EmulatedAccount } from "./emulatedAccount";
import type { EmulatedCosmosAccount } from "./emulatedCosmosAccount";
import type { ArmAnswer } from "./kind";
import { vaultDataPlane } from "./kinds/vaultSecret";
import type { ManagementState } from "./state";

/** One call as it is recorded: never a body, a header or a query. */
export interface RecordedCall {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

export interface ManagementApi {
  /** `https://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** The throw-away certificate (PEM) that a client of this server, and nobody else, trusts. */
  readonly certificate: string;
  calls(): readonly RecordedCall[];
  stop(): Promise<void>;
}

export interface ManagementOptions {
  readonly state: ManagementState;
  readonly accounts: readonly EmulatedAccount[];
  readonly cosmos?: readonly EmulatedCosmosAccount[];
  readonly port?: number;
  /** Told of every call, once it is answered. */
  readonly onCall?: (call: RecordedCall) => void;
}

const BODY_BYTES_MAX = 1024 * 1024;
/** Recorded calls kept in memory; the oldest go first. */
const CALLS_MAX = 10_000;
const CERTIFICATE_DAYS = 30;

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) {
      throw new ArmError(413, "RequestEntityTooLarge", `The body exceeds ${BODY_BYTES_MAX} bytes.`);
    }
    chunks.push(chunk);
  }
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as unknown;
  } catch {
    // The parser's own message quotes the body, which may hold a secret.
    throw new ArmError(400, "InvalidRequestContent", "The request content is not valid JSON.");
  }
}

function checkToken(request: IncomingMessage): void {
  if (/^Bearer \S+$/.test(request.headers.authorization ?? "")) return;
  const message = "Authentication failed. The 'Authorization' header is missing or not a bearer token.";
  throw new ArmError(401, "AuthenticationFailed", message);
}

function send(response: ServerResponse, { status, body }: ArmAnswer): void {
  const text = body === undefined ? "" : JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", "cache-control": "no-cache" });
  response.end(text);
}

function apiVersion(url: URL): string {
  const version = url.searchParams.get("api-version");
  if (version !== null && /^\d{4}-\d{2}-\d{2}(-preview)?$/.test(version)) return version;
  const message = "The api-version query parameter (?api-version=) is required for all requests.";
  throw new ArmError(400, "MissingApiVersionParameter", message);
}

async function answer(request: IncomingMessage, url: URL, options: ManagementOptions): Promise<ArmAnswer> {
  checkToken(request);
  const { state } = options;
  const method = request.method ?? "GET";
  const body = await readBody(request);
  const version = apiVersion(url);
  const ofVault = vaultDataPlane(state, method, url.pathname);
  if (ofVault !== undefined) return ofVault;
  const target = parseArmId(url.pathname, method);
  const accounts = new Map(options.accounts.map((account) => [account.name, account]));
  const cosmos = new Map((options.cosmos ?? []).map((account) => [account.name, account]));
  const players = [...accounts.values(), ...cosmos.values()];
  if (!players.some(({ subscriptionId }) => subscriptionId === target.subscription)) {
    const message = `The subscription '${target.subscription}' could not be found.`;
    throw new ArmError(404, "SubscriptionNotFound", message);
  }
  return await dispatch(method, { target, apiVersion: version, body, state, accounts, cosmos });
}

function toArmError(error: unknown): ArmError {
  if (error instanceof ArmError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ArmError(500, "InternalServerError", `The emulator failed: ${message}`);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((settle, refuse) => {
    server.once("error", refuse);
    server.listen(port, "127.0.0.1", () => settle((server.address() as AddressInfo).port));
  });
}

/** Starts the stand-in of Azure Resource Manager on loopback; over TLS, since Azure's SDKs send no token without. */
export async function startManagementApi(options: ManagementOptions): Promise<ManagementApi> {
  const names = [{ type: 7 as const, ip: "127.0.0.1" }, { type: 2 as const, value: "localhost" }];
  const notAfterDate = new Date(Date.now() + CERTIFICATE_DAYS * 24 * 60 * 60 * 1000);
  const pems = await generate([{ name: "commonName", value: "landbridge emulator" }], {
    keySize: 2048,
    notAfterDate,
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: names },
    ],
  });
  const calls: RecordedCall[] = [];
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "https://127.0.0.1");
    const result = await answer(request, url, options).catch((error: unknown): ArmAnswer => {
      const refused = toArmError(error);
      return { status: refused.status, body: refused.toJson() };
    });
    const call = { method: request.method ?? "GET", path: url.pathname, status: result.status };
    calls.push(call);
    if (calls.length > CALLS_MAX) calls.shift();
    options.onCall?.(call);
    send(response, result);
  };
  const server = createServer({ key: pems.private, cert: pems.cert }, (request, response) => {
    void respond(request, response);
  });
  const port = await listen(server, options.port ?? 0);
  return {
    endpoint: `https://127.0.0.1:${port}`,
    certificate: pems.cert,
    calls: () => [...calls],
    stop: () =>
      new Promise((settle) => {
        server.close(() => settle());
        server.closeAllConnections();
      }),
  };
}
