import type { SimulatedAccount } from "./account";
import { etagOf } from "./dateTime";
import type { SentEntity, StoredEntity } from "./entity";
import { readEntity } from "./entity";
import { refuse } from "./errors";
import { text } from "./http";
import type { Profile } from "./profile";
import type { Access, Action } from "./rights";
import { authorize, authorizeKey } from "./rights";
import { checkEntity, checkKey } from "./rules";
import type { SimulatedTable } from "./table";
import type { Route } from "./target";

type WriteAction = Extract<Action, "insert" | "insertOrReplace" | "insertOrMerge" | "update" | "merge" | "delete">;

/** A write, read from a request of its own or from one in a batch. */
export interface Write {
  readonly action: WriteAction;
  readonly table: string;
  readonly partitionKey: string;
  readonly rowKey: string;
  /** `*` or an ETag; absent for inserts and upserts. */
  readonly condition: string | undefined;
  readonly sent: SentEntity | undefined;
}

/** What a write would do; nothing is stored before `commit`. */
export interface Change {
  readonly write: Write;
  readonly table: SimulatedTable;
  /** Absent: the row goes away. */
  readonly entity: StoredEntity | undefined;
}

interface WireWrite {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const ETAG = /^W\/"datetime'[^']+'"$/;

function actionOf(wire: WireWrite, route: Route): WriteAction {
  const method = wire.method === "POST" ? (wire.headers["x-http-method"] ?? "POST") : wire.method;
  if (route.kind === "rows" && method === "POST") return "insert";
  if (route.kind !== "row") throw refuse.method();
  const conditional = wire.headers["if-match"] !== undefined;
  if (method === "PUT") return conditional ? "update" : "insertOrReplace";
  if (method === "MERGE" || method === "PATCH") return conditional ? "merge" : "insertOrMerge";
  if (method !== "DELETE") throw refuse.method();
  if (!conditional) throw refuse.missingHeader("If-Match");
  return "delete";
}

function conditionOf(wire: WireWrite): string | undefined {
  const etag = wire.headers["if-match"];
  if (etag !== undefined && etag !== "*" && !ETAG.test(etag)) {
    throw refuse.invalidInput(
      `The etag value '${etag}' specified in one of the request headers is not valid. Please make sure only one ` +
        "etag value is specified and is valid.",
    );
  }
  return etag;
}

function checkMediaType(headers: Readonly<Record<string, string>>): void {
  const type = (headers["content-type"] ?? "").toLowerCase();
  if (type.includes("atom+xml")) throw refuse.atom();
  if (!type.startsWith("application/json")) throw refuse.mediaType();
}

function sentKey(sent: string | undefined, addressed: string | undefined): string {
  if (addressed === undefined) {
    if (sent === undefined) throw refuse.propertiesNeedValue();
    return sent;
  }
  if (sent !== undefined && sent !== addressed) throw refuse.keyChanged();
  return addressed;
}

/** Reads a write, and refuses what its credential does not allow. */
export function readWrite(wire: WireWrite, route: Route, access: Access): Write {
  const action = actionOf(wire, route);
  authorize(access, action, route);
  const condition = conditionOf(wire);
  let sent: SentEntity | undefined;
  if (action !== "delete") {
    checkMediaType(wire.headers);
    sent = readEntity(text(wire.body));
  }
  const addressed = route.kind === "row" ? route : { partitionKey: undefined, rowKey: undefined };
  const partitionKey = sentKey(sent?.partitionKey, addressed.partitionKey);
  const rowKey = sentKey(sent?.rowKey, addressed.rowKey);
  authorizeKey(access, partitionKey, rowKey);
  const table = "table" in route ? route.table : "";
  return { action, table, partitionKey, rowKey, condition, sent };
}

/** The row as it is, if the write's condition allows to go on. */
function present(write: Write, table: SimulatedTable): StoredEntity | undefined {
  const row = table.get(write.partitionKey, write.rowKey);
  if (write.action === "insert") {
    if (row !== undefined) throw refuse.entityExists();
  } else if (write.condition !== undefined) {
    if (row === undefined) throw refuse.resourceNotFound();
    if (write.condition !== "*" && write.condition !== etagOf(row.ticks)) throw refuse.conditionNotMet();
  }
  return row;
}

/** Works out what a write does, or why the service refuses it. */
export function plan(write: Write, account: SimulatedAccount, profile: Profile): Change {
  const table = account.table(write.table);
  checkKey("PartitionKey", write.partitionKey, profile);
  checkKey("RowKey", write.rowKey, profile);
  const { partitionKey, rowKey, sent } = write;
  if (sent === undefined) {
    present(write, table);
    return { write, table, entity: undefined };
  }
  const draft = { partitionKey, rowKey, ticks: 0n, properties: sent.properties };
  checkEntity(draft, profile);
  const before = present(write, table);
  const merging = write.action === "merge" || write.action === "insertOrMerge";
  if (!merging || before === undefined) return { write, table, entity: { ...draft, ticks: account.nextTicks() } };
  const merged = { ...draft, properties: new Map([...before.properties, ...sent.properties]) };
  checkEntity(merged, profile);
  return { write, table, entity: { ...merged, ticks: account.nextTicks() } };
}

export function commit(change: Change): void {
  if (change.entity === undefined) change.table.remove(change.write.partitionKey, change.write.rowKey);
  else change.table.put(change.entity);
}
