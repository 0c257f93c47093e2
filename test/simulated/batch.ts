import type { SimulatedAccount } from "./account";
import type { Budgets } from "./budget";
import { etagOf } from "./dateTime";
import { refuse, ServiceError } from "./errors";
import type { SimulatedRequest } from "./http";
import { acceptedLevel, errorJson, errorXml, utf8 } from "./http";
import type { Profile } from "./profile";
import type { Access } from "./rights";
import { parseTarget } from "./target";
import type { Change } from "./write";
import { commit, plan, readWrite } from "./write";

/** One request inside the change set. */
export interface BatchPart {
  readonly method: string;
  /** As written: an absolute address or a path. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const broken = (why: string) => refuse.invalidInput(`The batch request is not valid: ${why}.`);

/** Headers and the rest, parted by the first empty line. Line ends are CRLF: the service takes no others. */
function head(text: string): { readonly lines: readonly string[]; readonly rest: string } {
  const cut = text.startsWith("\r\n") ? 0 : text.indexOf("\r\n\r\n");
  if (cut < 0) throw broken("a part has no empty line after its headers");
  const lines = text.slice(0, cut).split("\r\n").filter((line) => line !== "");
  return { lines, rest: text.slice(cut + (cut === 0 ? 2 : 4)) };
}

function headers(lines: readonly string[]): Readonly<Record<string, string>> {
  const pairs = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    if (colon < 1) throw broken(`${JSON.stringify(line.slice(0, 40))} is no header`);
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return Object.fromEntries(pairs);
}

function boundary(contentType: string | undefined, what: string): string {
  const found = /^multipart\/mixed;\s*boundary="?([^";\s]+)"?/i.exec(contentType ?? "")?.[1];
  if (found === undefined) throw broken(`${what} is not multipart/mixed with a boundary`);
  return found;
}

function split(text: string, mark: string, what: string): readonly string[] {
  const pieces = `\r\n${text}`.split(`\r\n--${mark}`);
  const last = pieces.pop();
  if (pieces.shift()?.trim() !== "" || last?.startsWith("--") !== true) {
    throw broken(`${what} is not framed by its boundary`);
  }
  return pieces.map((piece) => {
    if (!piece.startsWith("\r\n")) throw broken(`a boundary of ${what} is not followed by a line end`);
    return piece.slice(2);
  });
}

function part(text: string): BatchPart {
  const envelope = head(text);
  const described = headers(envelope.lines);
  if (described["content-type"]?.toLowerCase() !== "application/http") throw broken("a part is not application/http");
  if (described["content-transfer-encoding"]?.toLowerCase() !== "binary") throw broken("a part is not sent as binary");
  const request = head(envelope.rest);
  const [line = "", ...rest] = request.lines;
  const match = /^([A-Z]+) (\S+) HTTP\/1\.1$/.exec(line);
  if (match === null) throw broken(`${JSON.stringify(line.slice(0, 60))} is no request line`);
  return {
    method: match[1] ?? "",
    address: match[2] ?? "",
    headers: headers(rest),
    // The line end before the next boundary belongs to the boundary; one more is commonly written and harmless.
    body: Buffer.from(request.rest.replace(/\r\n$/, ""), "latin1"),
  };
}

/** The change set of a batch. Throws InvalidInput where the framing is wrong. */
export function readBatch(contentType: string | undefined, body: Uint8Array): readonly BatchPart[] {
  // One character a byte, so that framing never decodes what it only passes on.
  const text = Buffer.from(body).toString("latin1");
  const outer = split(text, boundary(contentType, "the request"), "the batch");
  const only = outer[0];
  if (outer.length !== 1 || only === undefined) throw broken("it needs exactly one change set");
  const changeSet = head(only);
  const type = headers(changeSet.lines)["content-type"];
  if (type?.toLowerCase().startsWith("application/http") === true) throw refuse.notImplemented();
  const parts = split(changeSet.rest, boundary(type, "the change set"), "the change set").map(part);
  if (parts.length === 0) throw broken("the change set is empty");
  return parts;
}

export interface BatchContext {
  readonly account: SimulatedAccount;
  readonly access: Access;
  readonly profile: Profile;
  readonly request: SimulatedRequest;
  readonly budgets: Budgets;
  /** Ends the message of an error. */
  readonly suffix: string;
  /** Unique to this request. */
  readonly id: string;
}

export interface BatchAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Why the batch was refused, if it was. */
  readonly code?: string;
}

class FailedAt extends Error {
  constructor(readonly index: number, readonly error: ServiceError) {
    super(error.message);
  }
}

function planAll(parts: readonly BatchPart[], context: BatchContext): readonly Change[] {
  const { account, access, profile } = context;
  const seen = new Set<string>();
  let group: string | undefined;
  if (parts.length > profile.batchRowsMax) {
    const limit = `The batch request operation exceeds the maximum ${profile.batchRowsMax} changes per change set.`;
    throw new FailedAt(profile.batchRowsMax - 1, refuse.invalidInput(limit));
  }
  return parts.map((one, index) => {
    try {
      const url = one.address.startsWith("/") ? one.address : one.address.replace(/^https?:\/\/[^/]+/, "");
      const target = parseTarget({ ...context.request, target: url });
      if (target.account !== account.name) throw refuse.authentication();
      const write = readWrite(one, target.route, access, profile);
      const wanted = JSON.stringify([write.table.toLowerCase(), write.partitionKey]);
      group ??= wanted;
      if (group !== wanted) throw refuse.differentPartitions();
      if (seen.has(write.rowKey)) throw refuse.duplicateRow();
      seen.add(write.rowKey);
      return plan(write, account, profile);
    } catch (error) {
      throw error instanceof ServiceError ? new FailedAt(index, error) : error;
    }
  });
}

/** Storage refuses a batch beyond its budget as a whole, Cosmos from inside the 202. */
function payFor(changes: readonly Change[], { account, budgets, request }: BatchContext): void {
  const partitionKeys = changes.map(({ write }) => write.partitionKey);
  const table = changes[0]?.write.table ?? "";
  try {
    budgets.admit({ account: account.name, table, partitionKeys, bytes: request.body.length, kind: "write" });
  } catch (error) {
    throw error instanceof ServiceError && error.status === 429 ? new FailedAt(0, error) : error;
  }
}

function partResponse(status: string, lines: readonly string[], body: string): string {
  return [
    "Content-Type: application/http", "Content-Transfer-Encoding: binary", "",
    `HTTP/1.1 ${status}`, "X-Content-Type-Options: nosniff", "Cache-Control: no-cache", ...lines, "", body,
  ].join("\r\n");
}

function succeeded(change: Change, prefer: string | undefined): string {
  const etag = change.entity === undefined ? [] : [`ETag: ${etagOf(change.entity.ticks)}`];
  const echoed = prefer === undefined ? [] : [`Preference-Applied: ${prefer}`];
  return partResponse("204 No Content", [...echoed, "DataServiceVersion: 3.0;", ...etag], "");
}

const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request", 403: "Forbidden", 404: "Not Found", 409: "Conflict", 412: "Precondition Failed",
  415: "Unsupported Media Type", 429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented",
  503: "Service Unavailable",
};

function failed(index: number, error: ServiceError, one: BatchPart | undefined, suffix: string): string {
  const json = acceptedLevel(one?.headers["accept"], undefined) !== undefined;
  const extra = Object.entries(error.headers).map(([name, value]) => `${name}: ${value}`);
  const type = json ? "application/json;odata=minimalmetadata;streaming=true;charset=utf-8" : "application/xml";
  const indexed = new ServiceError(error.status, error.code, `${index}:${error.message}`);
  const body = json ? errorJson(indexed, suffix) : errorXml(indexed, suffix);
  const status = `${error.status} ${REASONS[error.status] ?? "Error"}`;
  return partResponse(status, ["DataServiceVersion: 3.0;", `Content-Type: ${type}`, ...extra], body);
}

/**
 * Runs a batch, all or nothing. The answer is a 202 in either case: a refused batch holds one part, with the status of
 * the first operation refused and its index before the message. `refuseWith` refuses the batch from inside.
 */
export function runBatch(
  parts: readonly BatchPart[],
  context: BatchContext,
  refuseWith?: ServiceError,
): BatchAnswer {
  let responses: readonly string[];
  let code: string | undefined;
  try {
    if (refuseWith !== undefined) throw new FailedAt(0, refuseWith);
    const changes = planAll(parts, context);
    payFor(changes, context);
    changes.forEach(commit);
    responses = changes.map((change, index) => succeeded(change, parts[index]?.headers["prefer"]));
  } catch (error) {
    if (!(error instanceof FailedAt)) throw error;
    code = error.error.code;
    responses = [failed(error.index, error.error, parts[error.index], context.suffix)];
  }
  const [outer, inner] = [`batchresponse_${context.id}`, `changesetresponse_${context.id}`];
  const body = [
    `--${outer}`, `Content-Type: multipart/mixed; boundary=${inner}`, "",
    ...responses.flatMap((response) => [`--${inner}`, response]),
    `--${inner}--`, `--${outer}--`, "",
  ].join("\r\n");
  const type = `multipart/mixed; boundary=${outer}`;
  return { headers: { "content-type": type }, body: utf8(body), ...(code !== undefined && { code }) };
}
