import { createServer, request as send, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { authorizeWith } from "../../migration/stores/azureTables/authorize";
import { BACKSTAGE, dataCalls, recordDataCalls } from "./dataCalls";

export interface EntraGateOptions {
  readonly account: string;
  /** Azurite's own endpoint of the account. */
  readonly behind: string;
  /** A key that Azurite takes at this moment. */
  key(): string;
  /** Whether the account takes shared keys at this moment (`allowSharedKeyAccess`). */
  takesKeys(): boolean;
  /** What whoever shows this token may do; `nobody`: it is none of ours; undefined: no role. */
  roleOf(token: string): "reader" | "contributor" | "nobody" | undefined;
  /** Where to write, a line of JSON each, what is asked of it. */
  readonly callsFile: string;
}

export interface EntraGate {
  /** `http://127.0.0.1:PORT/<account>`, without trailing slash. */
  readonly endpoint: string;
  stop(): Promise<void>;
}

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** What only reads: a reader may do that, and nothing else. */
const READING = ["QueryRows", "ReadRow", "QueryTables"];

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** As Azure Storage refuses: by code and status (Microsoft: "Common REST API error codes"). */
function refusalOf(request: IncomingMessage, body: Buffer, options: EntraGateOptions): Refusal | undefined {
  const [, token] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (token === undefined) {
    if (options.takesKeys()) return undefined;
    const message = "Key based authentication is not permitted on this storage account.";
    return { status: 403, code: "KeyBasedAuthenticationNotPermitted", message };
  }
  const role = options.roleOf(token);
  if (role === "nobody") {
    return { status: 401, code: "InvalidAuthenticationInfo", message: "The token is not valid for this resource." };
  }
  const reads = dataCalls(request, body.toString("utf8"), 0).every(({ operation }) => READING.includes(operation));
  if (role === "contributor" || (role === "reader" && reads)) return undefined;
  const message = "This request is not authorized to perform this operation using this permission.";
  return { status: 403, code: "AuthorizationPermissionMismatch", message };
}

function refuse(response: ServerResponse, { status, code, message }: Refusal): void {
  const body = { "odata.error": { code, message: { lang: "en-US", value: message } } };
  response.writeHead(status, { "content-type": "application/json", "x-ms-error-code": code });
  response.end(JSON.stringify(body));
}

/** What Azurite is asked: the same, but that a token, which it cannot read, gives way to the account's key. */
async function forwarded({ headers, url = "/" }: IncomingMessage, options: EntraGateOptions) {
  const marked = { ...headers, "user-agent": `${BACKSTAGE} ${headers["user-agent"] ?? ""}` };
  if (!/^Bearer /i.test(headers.authorization ?? "")) return marked;
  const [path = ""] = url.split("?");
  const { account, behind: endpoint } = options;
  const signed = await authorizeWith({ kind: "sharedKey", account, endpoint, key: options.key() })(path, undefined);
  return { ...marked, authorization: signed.header, "x-ms-date": signed.date };
}

/**
 * Stands before an account of Azurite, which knows neither Entra ID's roles nor accounts that refuse keys: who gets in
 * is decided here, as the management API's state has it at the moment of the request.
 */
export async function startEntraGate(options: EntraGateOptions): Promise<EntraGate> {
  const { port: portBehind } = new URL(options.behind);
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const refusal = refusalOf(request, body, options);
    if (refusal !== undefined) return refuse(response, refusal);
    const headers = await forwarded(request, options);
    // A connection each: Azurite closes idle ones, and a request that meets that would be lost.
    const where = { agent: false, host: "127.0.0.1", port: portBehind } as const;
    const target = { ...where, method: request.method, path: request.url, headers };
    await new Promise<void>((settle, fail) => {
      const onward = send(target, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response).once("finish", settle).once("error", fail);
      });
      onward.once("error", fail).end(body);
    });
  };
  const server = createServer((request, response) => {
    // Whoever asked sees a connection that broke, as when a service dies.
    pass(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  recordDataCalls(server, options.callsFile);
  await new Promise<void>((settle, fail) => {
    server.once("error", fail);
    server.listen(0, "127.0.0.1", settle);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}/${options.account}`,
    stop: () =>
      new Promise((settle) => {
        server.close(() => settle());
        server.closeAllConnections();
      }),
  };
}
