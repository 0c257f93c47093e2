import type { SimulatedAccount } from "./account";
import type { BatchPart } from "./batchParts";
import type { Budgets } from "./budget";
import type { BatchResult } from "./cosmosBatchAnswer";
import { cosmosBatchBody } from "./cosmosBatchAnswer";
import { etagOf } from "./dateTime";
import { refuse, ServiceError } from "./errors";
import type { SimulatedRequest } from "./http";
import { acceptedLevel, errorJson, errorXml, utf8 } from "./http";
import type { Profile } from "./profile";
import { STORAGE } from "./profile";
import type { Access } from "./rights";
import type { Target } from "./target";
import { parseTarget } from "./target";
import type { Change, Write } from "./write";
import { commit, plan, readWrite } from "./write";

export interface BatchContext {
  readonly account: SimulatedAccount;
  readonly access: Access;
  readonly profile: Profile;
  readonly request: SimulatedRequest;
  readonly budgets: Budgets;
  /** Ends the message of an error. */
  readonly suffix: () => string;
  /** Unique to this request. */
  readonly id: string;
  /** Which of `count` operations a refusal names, when it was `index`; undefined: none. Faults make it lie. */
  readonly shownIndex: (index: number, count: number) => number | undefined;
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

/** Where a part goes. Inserts of a batch all have one address: it is read once. */
function targetOf(address: string, { headers, secure }: SimulatedRequest, known: Map<string, Target>): Target {
  const before = known.get(address);
  if (before !== undefined) return before;
  const path = address.startsWith("/") ? address : address.replace(/^https?:\/\/[^/]+/, "");
  const target = parseTarget({ headers, target: path, ...(secure !== undefined && { secure }) });
  if (target.route.kind === "rows") known.set(address, target);
  return target;
}

function planAll(parts: readonly BatchPart[], context: BatchContext): readonly Change[] {
  const { account, access, profile } = context;
  const seen = new Set<string>();
  const known = new Map<string, Target>();
  let first: Write | undefined;
  if (parts.length > profile.batchRowsMax) {
    const limit = `The batch request operation exceeds the maximum ${profile.batchRowsMax} changes per change set.`;
    throw new FailedAt(profile.batchRowsMax - 1, refuse.invalidInput(limit));
  }
  return parts.map((one, index) => {
    try {
      const target = targetOf(one.address, context.request, known);
      if (target.account !== account.name) throw refuse.authentication();
      const write = readWrite(one, target.route, access, profile);
      first ??= write;
      const sameTable = write.table === first.table || account.keyOf(write.table) === account.keyOf(first.table);
      if (!sameTable || write.partitionKey !== first.partitionKey) throw refuse.differentPartitions();
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

/** What every part of an answer begins with. */
const PART_HEAD = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nHTTP/1.1 ";
const PART_HEADERS = "\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-cache\r\n";

function succeeded(change: Change, prefer: string | undefined): string {
  const etag = change.entity === undefined ? "" : `ETag: ${etagOf(change.entity.ticks)}\r\n`;
  const echoed = prefer === undefined ? "" : `Preference-Applied: ${prefer}\r\n`;
  return `${PART_HEAD}204 No Content${PART_HEADERS}${echoed}DataServiceVersion: 3.0;\r\n${etag}\r\n`;
}

const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict",
  412: "Precondition Failed", 413: "Request Entity Too Large", 415: "Unsupported Media Type",
  429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented", 503: "Service Unavailable",
};

/** `index` is what the answer says of the operation. */
function failed(
  index: number | undefined, error: ServiceError, one: BatchPart | undefined, suffix: string,
): string {
  const json = acceptedLevel(one?.headers["accept"], undefined) !== undefined;
  const extra = Object.entries(error.headers).map(([name, value]) => `${name}: ${value}`);
  const type = json ? "application/json;odata=minimalmetadata;streaming=true;charset=utf-8" : "application/xml";
  const place = index === undefined ? "" : `${index}:`;
  const indexed = new ServiceError(error.status, error.code, `${place}${error.message}`);
  const body = json ? errorJson(indexed, suffix, STORAGE.spelling) : errorXml(indexed, suffix);
  const status = `${error.status} ${REASONS[error.status] ?? "Error"}`;
  const lines = ["DataServiceVersion: 3.0;", `Content-Type: ${type}`, ...extra, "", body].join("\r\n");
  return `${PART_HEAD}${status}${PART_HEADERS}${lines}`;
}

function storageBody(
  outer: string, inner: string, result: BatchResult, parts: readonly BatchPart[], suffix: () => string,
): string {
  const responses = "error" in result
    ? [failed(result.shown, result.error, parts[result.index], suffix())]
    : result.changes.map((change, index) => succeeded(change, result.prefers[index]));
  let body = `--${outer}\r\nContent-Type: multipart/mixed; boundary=${inner}\r\n\r\n`;
  for (const response of responses) body += `--${inner}\r\n${response}\r\n`;
  return `${body}--${inner}--\r\n--${outer}--\r\n`;
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
  let result: BatchResult;
  let code: string | undefined;
  try {
    if (refuseWith !== undefined) throw new FailedAt(0, refuseWith);
    const changes = planAll(parts, context);
    payFor(changes, context);
    changes.forEach(commit);
    result = { changes, prefers: parts.map(({ headers }) => headers["prefer"]) };
  } catch (error) {
    if (!(error instanceof FailedAt)) throw error;
    code = error.error.code;
    const { index } = error;
    const shown = context.shownIndex(index, parts.length);
    result = { index, shown, error: error.error, reason: REASONS[error.error.status] ?? "Error" };
  }
  const [outer, inner] = [`batchresponse_${context.id}`, `changesetresponse_${context.id}`];
  const { suffix, profile } = context;
  const body = profile.name === "cosmos"
    ? cosmosBatchBody(outer, inner, result, suffix, profile)
    : storageBody(outer, inner, result, parts, suffix);
  const type = `multipart/mixed; boundary=${outer}`;
  return { headers: { "content-type": type }, body: utf8(body), ...(code !== undefined && { code }) };
}
