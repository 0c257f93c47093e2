import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { IncomingMessage, Server, ServerResponse } from "node:http";

/** Whoever asks is told apart by what authorises the request; the credential itself is never kept. */
export type Authority = "tableSas" | "accountSas" | "sharedKey" | "bearer" | "none";

/** What a request to the table service does, as far as rights go: an upsert takes more of them than an update. */
export type DataOperation =
  | "QueryRows" | "ReadRow" | "InsertRow" | "UpdateRow" | "UpsertRow" | "DeleteRow"
  | "QueryTables" | "CreateTable" | "DeleteTable" | "GetPolicies" | "SetPolicies" | "Other";

/** One kind of operation of one request, as the service received it: no key, no value, no query, no header. */
export interface DataCall {
  readonly account: string;
  readonly table: string;
  readonly operation: DataOperation;
  readonly authority: Authority;
  /** Rows of a batch; 1 outside of one. */
  readonly count: number;
  /** True inside of a batch. */
  readonly batch?: boolean;
  readonly status: number;
}

/** Marks what the emulators themselves ask of the table service, in place of Azure's own back end. */
export const BACKSTAGE = "landbridge-backstage";

interface Operation {
  readonly table: string;
  readonly operation: DataOperation;
}

function authorityOf({ headers }: IncomingMessage, query: URLSearchParams): Authority {
  const { authorization = "" } = headers;
  if (/^SharedKey/i.test(authorization)) return "sharedKey";
  if (/^Bearer /i.test(authorization)) return "bearer";
  if (!query.has("sig")) return "none";
  return query.has("tn") ? "tableSas" : "accountSas";
}

function ofRow(method: string, hasKey: boolean, hasCondition: boolean): DataOperation {
  switch (method) {
    case "GET":
      return hasKey ? "ReadRow" : "QueryRows";
    case "POST":
      return hasKey ? "Other" : "InsertRow";
    case "DELETE":
      return "DeleteRow";
    case "PUT":
    case "MERGE":
    case "PATCH":
      return hasCondition ? "UpdateRow" : "UpsertRow";
    default:
      return "Other";
  }
}

function ofTables(method: string): DataOperation {
  return ({ GET: "QueryTables", POST: "CreateTable", DELETE: "DeleteTable" } as const)[method] ?? "Other";
}

/** `resource` is the path's last part: `Cities`, `Cities(PartitionKey='..',RowKey='..')`, `Tables('Cities')`. */
function operationOf(method: string, resource: string, query: URLSearchParams, hasCondition: boolean): Operation {
  const { name = "", inside } = /^(?<name>[^(]*)(\((?<inside>.*)\))?$/s.exec(resource)?.groups ?? {};
  if (name === "Tables") return { table: /^'(.*)'$/.exec(inside ?? "")?.[1] ?? "", operation: ofTables(method) };
  if (query.get("comp") === "acl") {
    return { table: name, operation: method === "GET" ? "GetPolicies" : "SetPolicies" };
  }
  return { table: name, operation: ofRow(method, (inside ?? "") !== "", hasCondition) };
}

/** As it is where a stray `%` makes it no encoding: the service answers what it will, and this only listens in. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

/** Path and query of a request line; only the path before a `?` where it is no address. */
function addressOf(target: string): Pick<URL, "pathname" | "searchParams"> {
  // Not resolved against a base: `//x` would be a host, not a path.
  const [pathname = "", ...query] = target.replace(/^https?:\/\/[^/?]*/i, "").split("?");
  return { pathname, searchParams: new URLSearchParams(query.join("?")) };
}

/** The requests inside of a batch: their request lines, each with the headers that follow it. */
function operationsOfBatch(body: string): readonly Operation[] {
  const line = /^(GET|POST|PUT|MERGE|PATCH|DELETE) (\S+) HTTP\/1\.1\r?\n((?:[^\r\n]+\r?\n)*)/gim;
  return [...body.matchAll(line)].map(([, method = "", address = "", headers = ""]) => {
    const url = addressOf(address);
    const resource = decoded(url.pathname.split("/").at(-1) ?? "");
    return operationOf(method.toUpperCase(), resource, url.searchParams, /^if-match:/im.test(headers));
  });
}

function grouped(operations: readonly Operation[]): readonly (Operation & { readonly count: number })[] {
  const counts = new Map<string, Operation & { count: number }>();
  for (const operation of operations) {
    const key = `${operation.operation} ${operation.table}`;
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { ...operation, count: 1 });
    else known.count += 1;
  }
  return [...counts.values()];
}

/** What a request asked for, once its body is known. */
export function dataCalls(request: IncomingMessage, body: string, status: number): readonly DataCall[] {
  const url = addressOf(request.url ?? "/");
  const [account = "", ...rest] = url.pathname.split("/").slice(1).map(decoded);
  const resource = rest.join("/");
  const method = (request.method ?? "GET").toUpperCase();
  const authority = authorityOf(request, url.searchParams);
  // Some clients send what others have methods for as a POST.
  const meant = String(request.headers["x-http-method"] ?? method).toUpperCase();
  const batch = resource === "$batch";
  const operations = batch
    ? operationsOfBatch(body)
    : [operationOf(meant, resource, url.searchParams, request.headers["if-match"] !== undefined)];
  return grouped(operations).map(({ table, operation, count }) => {
    return { account, table, operation, authority, count, status, ...(batch && { batch }) };
  });
}

/**
 * Writes down what a table service receives, a line of JSON per request and kind of operation. It listens in on the
 * server's own stream: a body is copied as its reader takes it, and reaches that reader unchanged.
 */
export function recordDataCalls(server: Server, file: string): void {
  server.prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
    if (String(request.headers["user-agent"]).includes(BACKSTAGE)) return;
    const chunks: Buffer[] = [];
    const emit = request.emit.bind(request) as (...event: unknown[]) => boolean;
    const listening = (...event: unknown[]): boolean => {
      if (event[0] === "data") chunks.push(Buffer.from(event[1] as Buffer | string));
      return emit(...event);
    };
    request.emit = listening as typeof request.emit;
    response.once("finish", () => {
      const calls = dataCalls(request, Buffer.concat(chunks).toString("utf8"), response.statusCode);
      if (calls.length > 0) appendFileSync(file, calls.map((call) => `${JSON.stringify(call)}\n`).join(""));
    });
  });
}

/** What was written down so far; nothing, where nobody asked for anything yet. */
export function readDataCalls(file: string): readonly DataCall[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line) as DataCall);
}
