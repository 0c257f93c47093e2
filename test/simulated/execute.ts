import { readPolicies, writePolicies } from "./accessPolicies";
import type { SimulatedAccount } from "./account";
import { runBatch } from "./batch";
import { readBatch } from "./batchParts";
import type { Budgets } from "./budget";
import type { ServiceError } from "./errors";
import { refuse } from "./errors";
import type { MetadataLevel, SimulatedRequest, SimulatedResponse } from "./http";
import { acceptedLevel, NO_BYTES, text, utf8 } from "./http";
import { parseJson } from "./json";
import type { PagingHabits } from "./paging";
import type { Profile } from "./profile";
import type { QueryContext } from "./query";
import { describeTable, echoRow, queryRows, queryTables, readRow } from "./query";
import type { Access } from "./rights";
import { authorize, authorizeKey } from "./rights";
import { allOf } from "./row";
import { checkKey } from "./rules";
import type { Target } from "./target";
import { commit, plan, readWrite } from "./write";

export interface ExecuteContext {
  readonly account: SimulatedAccount;
  readonly access: Access;
  readonly target: Target;
  readonly request: SimulatedRequest;
  readonly profile: Profile;
  readonly paging: PagingHabits;
  readonly ascii: boolean;
  readonly random: () => number;
  readonly tableDeletionMs: number;
  readonly budgets: Budgets;
  /** Ends the message of an error inside a batch. */
  readonly suffix: () => string;
  readonly id: string;
  readonly shownIndex: (index: number, count: number) => number | undefined;
  /** A fault that answers inside the 202. */
  readonly refuseBatchWith?: ServiceError;
}

export interface Executed extends SimulatedResponse {
  /** Error code of a batch refused inside its 202. */
  readonly code?: string;
}

/** The first version that speaks JSON. */
const VERSION_MIN = "2013-08-15";

function level(context: ExecuteContext): MetadataLevel {
  const accepted = acceptedLevel(context.request.headers["accept"], context.target.query.get("$format") ?? undefined);
  if (accepted === undefined) throw refuse.atom();
  return accepted;
}

type Headers = Readonly<Record<string, string>>;

function json(context: ExecuteContext, status: number, body: string | Uint8Array, headers: Headers = {}) {
  const type = `application/json;odata=${level(context)};streaming=true;charset=utf-8`;
  return { status, headers: { "content-type": type, ...headers }, body: typeof body === "string" ? utf8(body) : body };
}

const empty = (headers: Readonly<Record<string, string>> = {}): SimulatedResponse => ({
  status: 204,
  headers,
  body: NO_BYTES,
});

function queryContext(context: ExecuteContext): QueryContext {
  return { ...context, level: level(context) };
}

function checkVersion(context: ExecuteContext): void {
  const version = context.request.headers["x-ms-version"] ?? context.target.query.get("sv") ?? undefined;
  if (version === undefined) throw refuse.missingHeader("x-ms-version");
  if (!/^\d{4}-\d\d-\d\d$/.test(version) || version < VERSION_MIN) throw refuse.invalidHeader("x-ms-version");
}

/** With `Prefer: return-no-content` nothing comes back but the headers. */
function quiet(context: ExecuteContext): boolean {
  return context.request.headers["prefer"] === "return-no-content";
}

function created(
  context: ExecuteContext,
  body: () => string,
  headers: Readonly<Record<string, string>>,
): SimulatedResponse {
  if (quiet(context)) return empty({ ...headers, "preference-applied": "return-no-content" });
  return json(context, 201, body(), { ...headers, "preference-applied": "return-content" });
}

function createTable(context: ExecuteContext): SimulatedResponse {
  const { account, request, target } = context;
  authorize(context.access, "createTable", target.route);
  const body = parseJson(text(request.body));
  const name = body.kind === "object" ? body.members.find(([member]) => member === "TableName")?.[1] : undefined;
  if (name?.kind !== "string") throw refuse.invalidInput("The body holds no TableName.");
  account.createTable(name.value);
  const location = `${target.root}/Tables('${name.value}')`;
  return created(context, () => describeTable(queryContext(context), name.value), {
    location,
    dataserviceid: location,
  });
}

function tables(context: ExecuteContext): SimulatedResponse {
  const { method } = context.request;
  if (method === "POST") return createTable(context);
  if (method !== "GET") throw refuse.method();
  authorize(context.access, "listTables", context.target.route);
  const answer = queryTables(queryContext(context));
  return json(context, 200, answer.body, answer.headers);
}

function oneTable(context: ExecuteContext, name: string): SimulatedResponse {
  const { account, access, target, request } = context;
  if (request.method === "DELETE") {
    authorize(access, "deleteTable", target.route);
    account.deleteTable(name, context.tableDeletionMs);
    return empty();
  }
  if (request.method !== "GET") throw refuse.method();
  authorize(access, "listTables", target.route);
  return json(context, 200, describeTable(queryContext(context), account.table(name).name));
}

function policies(context: ExecuteContext, name: string): SimulatedResponse {
  const { account, access, target, request } = context;
  authorize(access, "acl", target.route);
  if (context.profile.policiesMax === 0) throw refuse.notImplemented();
  const table = account.table(name);
  if (request.method === "PUT") {
    table.policies = readPolicies(text(request.body), context.profile);
    return empty();
  }
  if (request.method !== "GET") throw refuse.method();
  return { status: 200, headers: { "content-type": "application/xml" }, body: utf8(writePolicies(table.policies)) };
}

function write(context: ExecuteContext): SimulatedResponse {
  const { account, access, target, request } = context;
  const { method, headers: sent } = request;
  const wanted = readWrite({ method, headers: sent, body: allOf(request.body) }, target.route, access, context.profile);
  const { table, partitionKey } = wanted;
  const bytes = request.body.length;
  context.budgets.admit({ account: account.name, table, partitionKeys: [partitionKey], bytes, kind: "write" });
  const change = plan(wanted, account, context.profile);
  if (change.write.action === "insert" && !quiet(context)) level(context);
  commit(change);
  const { entity } = change;
  if (entity === undefined) return empty();
  const headers = { etag: context.profile.spelling.etag(entity.ticks) };
  if (change.write.action !== "insert") return empty(headers);
  return created(context, () => echoRow(queryContext(context), change.table.name, entity), headers);
}

function rows(context: ExecuteContext, name: string): SimulatedResponse {
  if (context.request.method !== "GET") return write(context);
  authorize(context.access, "query", context.target.route);
  const answer = queryRows(queryContext(context), name);
  return json(context, 200, answer.body, answer.headers);
}

function oneRow(context: ExecuteContext, name: string, partitionKey: string, rowKey: string): SimulatedResponse {
  if (context.request.method !== "GET") return write(context);
  authorize(context.access, "query", context.target.route);
  authorizeKey(context.access, partitionKey, rowKey);
  checkKey("PartitionKey", partitionKey, context.profile);
  checkKey("RowKey", rowKey, context.profile);
  const answer = readRow(queryContext(context), name, partitionKey, rowKey);
  const bytes = answer.body.length;
  const { name: account } = context.account;
  context.budgets.admit({ account, table: name, partitionKeys: [partitionKey], bytes, kind: "read" });
  return json(context, 200, answer.body, { etag: context.profile.spelling.etag(answer.row.ticks) });
}

function batch(context: ExecuteContext): Executed {
  if (context.request.method !== "POST") throw refuse.method();
  const parts = readBatch(context.request.headers["content-type"], context.request.body);
  const ran = runBatch(parts, context, context.refuseBatchWith);
  return { status: 202, ...ran };
}

/** Carries a request out for a credential that was checked. Throws `ServiceError`. */
export function execute(context: ExecuteContext): Executed {
  checkVersion(context);
  if (context.request.body.length > context.profile.bodyBytesMax) throw refuse.bodyTooLarge();
  const { route } = context.target;
  switch (route.kind) {
    case "tables":
      return tables(context);
    case "table":
      return oneTable(context, route.table);
    case "acl":
      return policies(context, route.table);
    case "rows":
      return rows(context, route.table);
    case "row":
      return oneRow(context, route.table, route.partitionKey, route.rowKey);
    case "batch":
      return batch(context);
  }
}
