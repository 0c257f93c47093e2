import { Pool } from "undici";
import type { Authorize } from "./authorize";
import type { Endpoint } from "./credential";
import { Deadlines, type AnswerHeaders } from "./exchange";
import { RequestMeter } from "./requestMeter";
import { refusesKeys } from "./wire/errors";
import { networkError } from "./wire/networkErrors";
import type { HeaderReader } from "./wire/retryAfter";

export interface HttpOptions {
  /** Connections to the account at most. */
  readonly connectionsMax: number;
  /** Silence after which a request is given up. The service itself stops after 30 s. */
  readonly timeoutMs: number;
  /** What signs instead, once the account turns out to refuse keys; asked for once. Absent: that is an error. */
  readonly withoutKeys?: () => Authorize;
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

/** Names and values by turns, as undici takes them without looking through an object. */
export type RawHeaders = readonly string[];

const COMMON_HEADERS: RawHeaders = [
  "x-ms-version", API_VERSION,
  "dataserviceversion", "3.0;NetFx",
  "maxdataserviceversion", "3.0;NetFx",
  "accept", "application/json;odata=minimalmetadata",
  "accept-charset", "UTF-8",
];

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** After the endpoint's base path, percent-encoded: `/Cities()`. */
  readonly path: string;
  /** Without "?"; "" for none. */
  readonly query: string;
  /** The table whose SAS is needed; undefined for the account itself. */
  readonly table: string | undefined;
  readonly headers?: RawHeaders;
  readonly body?: Buffer;
  /** For errors: `Reading table "Cities" of contoso.table.core.windows.net`. */
  readonly doing: string;
  /** A lost answer leaves open whether something changed. */
  readonly writing: boolean;
  /** Hears the headers of a success before the rest of the answer is there. */
  readonly started?: (header: HeaderReader) => void;
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
  /** Every request goes through here, and is counted here. */
  readonly meter = new RequestMeter();
  private readonly pool: Pool;
  private readonly deadlines = new Deadlines();
  /** The Date header of the latest answer and what it says: it changes once a second. */
  private date = "";
  private dateMs = NaN;
  private signedIn = false;

  constructor(
    readonly endpoint: Endpoint,
    private authorize: Authorize,
    private readonly options: HttpOptions,
  ) {
    this.pool = new Pool(endpoint.origin, {
      connections: options.connectionsMax,
      // More than one at a time on a connection would leave open, when it breaks, which of them were carried out.
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
    const { endpoint, options } = this;
    const path = `${endpoint.basePath}${request.path}`;
    const signing = this.authorize(path, request.table);
    const authorization = signing instanceof Promise ? await signing : signing;
    const { started } = request;
    const { signedIn } = this;
    this.meter.sent(request);
    const exchange = this.deadlines.begin(options.timeoutMs * WHOLE_FACTOR, started && hearing(started));
    let answer: HttpAnswer;
    try {
      this.pool.dispatch({
        method: request.method,
        path: withQuery(path, request.query, authorization.sas),
        headers: headersOf(authorization.date, authorization.header, request.headers),
        body: request.body ?? null,
      }, exchange);
      const { status, headers, body } = await exchange.answer;
      this.meter.answered(headers, body.length);
      const header = reader(headers);
      answer = { status, header, body, serverTimeMs: this.timeMs(header("date")), sas: authorization.sas };
    } catch (error) {
      throw networkError(error, endpoint.identity, request.doing, request.writing);
    }
    return answer.status >= 400 && !signedIn && this.signsInFrom(answer) ? await this.send(request) : answer;
  }

  /** Whether to ask again, signed in: whatever was refused was not done. */
  private signsInFrom({ status, header, body }: HttpAnswer): boolean {
    const { withoutKeys } = this.options;
    if (withoutKeys === undefined || !refusesKeys(status, header("x-ms-error-code"), body)) return false;
    // Requests that are under way together meet the same refusal, and sign in together.
    if (!this.signedIn) this.authorize = withoutKeys();
    this.signedIn = true;
    return true;
  }

  private timeMs(date: string | undefined): number {
    if (date === undefined) return NaN;
    if (date !== this.date) {
      this.date = date;
      this.dateMs = Date.parse(date);
    }
    return this.dateMs;
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}

function withQuery(path: string, query: string, sas: string | undefined): string {
  if (sas === undefined) return query === "" ? path : `${path}?${query}`;
  return query === "" ? `${path}?${sas}` : `${path}?${query}&${sas}`;
}

function headersOf(date: string, authorization: string | undefined, own: RawHeaders = []): string[] {
  const headers = [...COMMON_HEADERS, "x-ms-date", date];
  if (authorization !== undefined) headers.push("authorization", authorization);
  for (const part of own) headers.push(part);
  return headers;
}

function hearing(started: (header: HeaderReader) => void): (status: number, headers: AnswerHeaders) => void {
  return (status, headers) => {
    if (status < 300) started(reader(headers));
  };
}

function reader(headers: AnswerHeaders): HeaderReader {
  return (name) => {
    const value = headers[name];
    return typeof value === "string" ? value : value?.[0];
  };
}
