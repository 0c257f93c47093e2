import { Pool } from "undici";
import type { Authorize } from "./authorize";
import type { Endpoint } from "./credential";
import { networkError } from "./wire/networkErrors";
import type { HeaderReader } from "./wire/retryAfter";

export interface HttpOptions {
  /** Connections to the account at most. */
  readonly connectionsMax: number;
  /** Silence after which a request is given up. The service itself stops after 30 s. */
  readonly timeoutMs: number;
}

export const HTTP_DEFAULTS: HttpOptions = { connectionsMax: 64, timeoutMs: 40_000 };

/** An answer may take this many times the silence allowed, all in all. */
const WHOLE_FACTOR = 5;

/** Largest answer that is held. Storage's own pages end near 4 MiB; emulators send up to 1,000 entities of 1 MiB. */
const ANSWER_BYTES_MAX = 1.25 * 1024 * 1024 * 1024;

const CONNECT_TIMEOUT_MS = 10_000;

/** Idle connections are closed before services close them (Azurite: 5 s), so that no write meets a dead one. */
const KEEP_ALIVE_MS = 4_000;

/** Newest version whose table protocol this speaks. */
const API_VERSION = "2019-02-02";

const COMMON_HEADERS = {
  "x-ms-version": API_VERSION,
  dataserviceversion: "3.0;NetFx",
  maxdataserviceversion: "3.0;NetFx",
  accept: "application/json;odata=minimalmetadata",
  "accept-charset": "UTF-8",
} as const;

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** After the endpoint's base path, percent-encoded: `/Cities()`. */
  readonly path: string;
  /** Without "?"; "" for none. */
  readonly query: string;
  /** The table whose SAS is needed; undefined for the account itself. */
  readonly table: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** For errors: `Reading table "Cities" of contoso.table.core.windows.net`. */
  readonly doing: string;
  /** A lost answer leaves open whether something changed. */
  readonly writing: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  readonly header: HeaderReader;
  readonly body: Buffer;
  /** The service's clock, in milliseconds; NaN where it did not tell. */
  readonly serverTimeMs: number;
  /** The SAS that went with the request, to explain a refusal. Secret. */
  readonly sas: string | undefined;
}

/** Connections to one account. One attempt per request; retrying is the engine's. */
export class HttpClient {
  private readonly pool: Pool;

  constructor(
    readonly endpoint: Endpoint,
    private readonly authorize: Authorize,
    private readonly options: HttpOptions,
  ) {
    this.pool = new Pool(endpoint.origin, {
      connections: options.connectionsMax,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: options.timeoutMs,
      bodyTimeout: options.timeoutMs,
      maxResponseSize: ANSWER_BYTES_MAX,
      connect: { timeout: CONNECT_TIMEOUT_MS },
    });
  }

  /** Sends a request and reads the whole answer, whatever its status. Throws the errors of wire/networkErrors.ts. */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const path = `${this.endpoint.basePath}${request.path}`;
    const authorization = this.authorize(path, request.table);
    const query = [request.query, authorization.sas ?? ""].filter((part) => part !== "").join("&");
    try {
      const response = await this.pool.request({
        method: request.method,
        path: query === "" ? path : `${path}?${query}`,
        headers: {
          ...COMMON_HEADERS,
          "x-ms-date": authorization.date,
          ...(authorization.header === undefined ? {} : { authorization: authorization.header }),
          ...request.headers,
        },
        body: request.body ?? null,
        signal: AbortSignal.timeout(this.options.timeoutMs * WHOLE_FACTOR),
      });
      const header = reader(response.headers);
      const body = await whole(response.body);
      const serverTimeMs = Date.parse(header("date") ?? "");
      return { status: response.statusCode, header, body, serverTimeMs, sas: authorization.sas };
    } catch (error) {
      throw networkError(error, this.endpoint.identity, request.doing, request.writing);
    }
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}

function reader(headers: Readonly<Record<string, string | string[] | undefined>>): HeaderReader {
  return (name) => {
    const value = headers[name];
    return typeof value === "string" ? value : value?.[0];
  };
}

async function whole(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}
