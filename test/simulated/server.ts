import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TornAnswer } from "./errors";
import { ConnectionDropped } from "./errors";
import type { SimulatedRequest } from "./http";
import type { SimulatedTableService } from "./service";

export interface SimulatedServer {
  /** `http://127.0.0.1:PORT/account`, without a trailing slash. */
  endpoint(account: string): string;
  readonly port: number;
  /** Stops listening and breaks what is still open. */
  close(): Promise<void>;
}

async function readRequest(message: IncomingMessage): Promise<SimulatedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(Buffer.from(chunk as Uint8Array));
  const headers = Object.entries(message.headers).map(([name, value]): [string, string] => [
    name,
    Array.isArray(value) ? value.join(", ") : (value ?? ""),
  ]);
  const { remoteAddress } = message.socket;
  return {
    method: message.method ?? "GET",
    target: message.url ?? "/",
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks),
    ...(remoteAddress !== undefined && { remoteAddress }),
  };
}

/** Breaks a connection, in the middle of an answer where it is torn. */
function drop({ socket }: IncomingMessage, response: ServerResponse, torn: TornAnswer | undefined): void {
  // Of an answer without a body nothing can be missing but all of it.
  if (torn === undefined || torn.response.body.length === 0) {
    socket.destroy();
    return;
  }
  const { response: { status, headers, body }, bytes, end } = torn;
  response.writeHead(status, { ...headers, "content-length": String(body.length) });
  // What was written is on its way before the connection breaks.
  response.write(body.subarray(0, bytes), () => (end === "close" ? socket.end() : socket.resetAndDestroy()));
}

async function respond(
  service: SimulatedTableService,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const answer = await service.handle(await readRequest(message));
    response.writeHead(answer.status, { ...answer.headers, "content-length": String(answer.body.length) });
    response.end(answer.body);
  } catch (error) {
    // A dropped connection is what the fault asked for; anything else is a defect of the simulation, and is shown.
    if (error instanceof ConnectionDropped) drop(message, response, error.torn);
    else {
      response.writeHead(599, { "content-type": "text/plain" });
      response.end(`The simulated service failed: ${String(error)}`);
    }
  }
}

/** Serves on a free loopback port, all accounts path style. */
export async function serve(
  service: SimulatedTableService,
  listenIn: (server: Server) => void = () => undefined,
): Promise<SimulatedServer> {
  const server = createServer((message, response) => {
    void respond(service, message, response);
  });
  listenIn(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    endpoint: (account) => `http://127.0.0.1:${port}/${account}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}
