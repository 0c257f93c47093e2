import { refuse } from "./errors";
import type { SimulatedRequest } from "./http";

/** What a request addresses. */
export type Route =
  | { readonly kind: "tables" }
  | { readonly kind: "table"; readonly table: string }
  | { readonly kind: "acl"; readonly table: string }
  | { readonly kind: "rows"; readonly table: string }
  | { readonly kind: "row"; readonly table: string; readonly partitionKey: string; readonly rowKey: string }
  | { readonly kind: "batch" };

export interface Target {
  readonly account: string;
  /** The encoded path as it is signed, account included where the address is path style. */
  readonly signedPath: string;
  /** `http://host` or `http://host/account`. */
  readonly root: string;
  readonly route: Route;
  readonly query: URLSearchParams;
}

const ROW = /^([^()]+)\(PartitionKey='((?:[^']|'')*)',\s*RowKey='((?:[^']|'')*)'\)$/s;
const ROW_REVERSED = /^([^()]+)\(RowKey='((?:[^']|'')*)',\s*PartitionKey='((?:[^']|'')*)'\)$/s;
const TABLE = /^Tables\('((?:[^']|'')*)'\)$/;

/** Credentials make most queries the same: as many are remembered. */
const QUERIES_MAX = 256;
const queries = new Map<string, URLSearchParams>();

/** The parameters of a query string; shared, so nobody changes them. */
function parseQuery(text: string): URLSearchParams {
  const known = queries.get(text);
  if (known !== undefined) return known;
  const query = new URLSearchParams(text);
  if (queries.size >= QUERIES_MAX) queries.clear();
  queries.set(text, query);
  return query;
}

/** `%` decoding that refuses what is no UTF-8. */
function decode(encoded: string): string {
  if (!encoded.includes("%")) return encoded;
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    throw refuse.invalidInput(`The address ${encoded} is not percent-encoded UTF-8 (${String(cause)}).`);
  }
}

const unquote = (text: string) => text.replaceAll("''", "'");

/** The route of a decoded path within the account, such as `Cities(PartitionKey='NL',RowKey='1')`. */
export function parseRoute(path: string, query: URLSearchParams): Route {
  if (path === "$batch") return { kind: "batch" };
  if (path === "Tables" || path === "Tables()") return { kind: "tables" };
  const table = TABLE.exec(path)?.[1];
  if (table !== undefined) return { kind: "table", table: unquote(table) };
  const row = ROW.exec(path);
  if (row !== null) {
    return {
      kind: "row",
      table: row[1] ?? "",
      partitionKey: unquote(row[2] ?? ""),
      rowKey: unquote(row[3] ?? ""),
    };
  }
  const reversed = ROW_REVERSED.exec(path);
  if (reversed !== null) {
    return {
      kind: "row",
      table: reversed[1] ?? "",
      partitionKey: unquote(reversed[3] ?? ""),
      rowKey: unquote(reversed[2] ?? ""),
    };
  }
  const name = path.endsWith("()") ? path.slice(0, -2) : path;
  if (name === "" || /[()'/]/.test(name)) throw refuse.resourceNotFound();
  return query.get("comp") === "acl" ? { kind: "acl", table: name } : { kind: "rows", table: name };
}

/**
 * Account, signed path and route of a request. `contoso.table.core.windows.net/Cities` and, for every other host,
 * `127.0.0.1:10002/contoso/Cities` address the same.
 */
export function parseTarget(request: Pick<SimulatedRequest, "target" | "headers" | "secure">): Target {
  const cut = request.target.indexOf("?");
  const path = cut < 0 ? request.target : request.target.slice(0, cut);
  const query = parseQuery(cut < 0 ? "" : request.target.slice(cut + 1));
  const host = request.headers["host"] ?? "";
  const hostAccount = /^([a-z0-9-]+)\.table\./.exec(host)?.[1];
  const segments = path.split("/").slice(1);
  const account = hostAccount ?? segments.shift() ?? "";
  const origin = `${request.secure === true ? "https" : "http"}://${host}`;
  return {
    account,
    signedPath: path,
    root: hostAccount === undefined ? `${origin}/${account}` : origin,
    route: parseRoute(decode(segments.join("/")), query),
    query,
  };
}
