import { createServer, type IncomingHttpHeaders } from "node:http";
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from "node:net";

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface CannedServer {
  readonly endpoint: string;
  readonly received: Received[];
  stop(): Promise<void>;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

/** A server on loopback that answers every request with what `answer` says, and remembers what it was asked. */
export async function cannedServer(answer: (request: Received) => Answer): Promise<CannedServer> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const seen = { method, url, headers, body: Buffer.concat(chunks).toString() };
      received.push(seen);
      const { status, headers: answerHeaders, body } = answer(seen);
      response.writeHead(status, answerHeaders);
      response.end(body);
    });
  });
  const port = await listen(server);
  const stop = () => new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
  return { endpoint: `http://127.0.0.1:${port}/contoso`, received, stop };
}

/** A server that sends raw bytes, or hangs up, once it has seen a request. */
export async function rawServer(onRequest: (socket: Socket) => void): Promise<{
  readonly endpoint: string;
  stop(): Promise<void>;
}> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    // The client may well hang up on what it is sent here: that is not this server's concern.
    socket.on("error", () => socket.destroy());
    socket.once("data", () => onRequest(socket));
  });
  const port = await listen(server);
  const stop = () => new Promise<void>((resolve) => {
    for (const socket of sockets) socket.destroy();
    server.close(() => resolve());
  });
  return { endpoint: `http://127.0.0.1:${port}/contoso`, stop };
}
