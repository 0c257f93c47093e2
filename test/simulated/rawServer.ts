import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";
import type { TornAnswer } from "./errors";
import { ConnectionDropped } from "./errors";
import type { SimulatedResponse } from "./http";
import type { WireRequest } from "./requestReader";
import { BadRequest, RequestReader } from "./requestReader";
import type { SimulatedServer } from "./server";
import type { SimulatedTableService } from "./service";

/** Answers up to this size are written together with their head. */
const JOINED_BYTES_MAX = 64 * 1024;

const REASONS: Readonly<Record<number, string>> = {
  200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 400: "Bad Request", 403: "Forbidden",
  404: "Not Found", 409: "Conflict", 412: "Precondition Failed", 413: "Request Entity Too Large",
  429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable",
};

function head({ status, headers, body }: SimulatedResponse): string {
  let text = `HTTP/1.1 ${status} ${REASONS[status] ?? "Other"}\r\n`;
  for (const name in headers) text += `${name}: ${headers[name]}\r\n`;
  // An answer without content says nothing of its length.
  return status === 204 ? `${text}\r\n` : `${text}content-length: ${body.length}\r\n\r\n`;
}

function write(socket: Socket, answer: SimulatedResponse): void {
  const text = head(answer);
  const { body } = answer;
  if (body.length === 0) {
    socket.write(text, "latin1");
    return;
  }
  if (body.length > JOINED_BYTES_MAX) {
    socket.cork();
    socket.write(text, "latin1");
    socket.write(body);
    socket.uncork();
    return;
  }
  const joined = Buffer.allocUnsafe(text.length + body.length);
  joined.set(body, joined.write(text, "latin1"));
  socket.write(joined);
}

/** Breaks a connection, in the middle of an answer where it is torn. */
function breakOff(socket: Socket, torn: TornAnswer | undefined): void {
  if (torn === undefined || torn.response.body.length === 0) {
    socket.destroy();
    return;
  }
  const { response, bytes, end } = torn;
  socket.write(head(response), "latin1");
  // What was written is on its way before the connection breaks.
  socket.write(response.body.subarray(0, bytes), () => (end === "close" ? socket.end() : socket.resetAndDestroy()));
}

/** One client's connection: its requests are answered one after the other. */
class Connection {
  private readonly queue: WireRequest[] = [];
  private busy = false;
  private readonly reader: RequestReader;

  constructor(
    private readonly socket: Socket,
    private readonly service: SimulatedTableService,
    private readonly latencyMs: (request: WireRequest) => number,
  ) {
    this.reader = new RequestReader(() => socket.write("HTTP/1.1 100 Continue\r\n\r\n"));
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.receive(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)));
    // A client may break off whenever it likes: 'close' follows, and nothing is left to be done.
    socket.on("error", () => socket.destroy());
  }

  private receive(chunk: Buffer): void {
    try {
      this.queue.push(...this.reader.push(chunk));
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      this.socket.end(`HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n${error.message}.`);
      return;
    }
    if (!this.busy) this.next();
  }

  private next(): void {
    const request = this.queue.shift();
    this.busy = request !== undefined;
    if (request === undefined || this.socket.destroyed) return;
    const latencyMs = this.latencyMs(request);
    if (latencyMs > 0) setTimeout(() => this.answer(request), latencyMs);
    else this.answer(request);
  }

  private answer({ method, target, headers, body }: WireRequest): void {
    const { remoteAddress } = this.socket;
    // Gone while the request waited: it was never carried out.
    if (remoteAddress === undefined) return;
    try {
      write(this.socket, this.service.answerNow({ method, target, headers, body, remoteAddress }));
    } catch (error) {
      if (error instanceof ConnectionDropped) {
        breakOff(this.socket, error.torn);
        return;
      }
      // A defect of the simulation: shown, not hidden behind a status that a client would retry.
      const text = `The simulated service failed: ${String(error)}`;
      write(this.socket, { status: 599, headers: { "content-type": "text/plain" }, body: Buffer.from(text) });
    }
    if (headers["connection"]?.toLowerCase() === "close") this.socket.end();
    else this.next();
  }
}

/**
 * The service on a free loopback port with no more HTTP than its clients need: keep-alive, pipelining, bodies with a
 * length and chunked ones. node:http would cost more than the work it carries. `latencyMs` is asked at each request;
 * where it is left out, the service is.
 */
export async function serveRaw(
  service: SimulatedTableService,
  latencyMs: (request: WireRequest) => number = (request) => service.latencyMs(request),
): Promise<SimulatedServer> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    new Connection(socket, service, latencyMs);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", 512, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    endpoint: (account) => `http://127.0.0.1:${port}/${account}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        for (const socket of open) socket.destroy();
      }),
  };
}
