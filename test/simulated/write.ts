import type { SimulatedAccount } from "./account";
import type { SentEntity } from "./entity";
import { readEntity } from "./entity";
import { refuse } from "./errors";
import { text } from "./http";
import { PlainEntity, readPlainEntity } from "./plainEntity";
import type { Profile } from "./profile";
import { STORAGE } from "./profile";
import type { Access, Action } from "./rights";
import { authorize, authorizeKey } from "./rights";
import type { Bytes } from "./row";
import { StoredRow } from "./row";
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
  readonly entity: StoredRow | undefined;
}

interface WireWrite {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Bytes;
}

const ETAG = /^W\/"datetime'[^']+'"$/;

function actionOf(wire: WireWrite, route: Route, profile: Profile): WriteAction {
  const method = wire.method === "POST" ? (wire.headers["x-http-method"] ?? "POST") : wire.method;
  if (route.kind === "rows" && method === "POST") return "insert";
  if (route.kind !== "row") throw refuse.method();
  if (!profile.mergeMethods && (wire.method === "MERGE" || wire.method === "PATCH")) throw refuse.method();
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
  if (headers["content-type"] === "application/json") return;
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

/** Reads an entity: at a glance where it is an ordinary one, else with all the care that the service takes. */
export function readSent(body: Bytes, profile: Profile): SentEntity {
  // What "ordinary" means was settled with this profile in mind.
  const plain = profile === STORAGE ? readPlainEntity(body) : undefined;
  return plain ?? readEntity(text(body.buffer.subarray(body.start, body.end)));
}

/** Reads a write, and refuses what its credential does not allow. */
export function readWrite(wire: WireWrite, route: Route, access: Access, profile: Profile): Write {
  const action = actionOf(wire, route, profile);
  authorize(access, action, route);
  const condition = conditionOf(wire);
  let sent: SentEntity | undefined;
  if (action !== "delete") {
    checkMediaType(wire.headers);
    sent = readSent(wire.body, profile);
  }
  const addressed = route.kind === "row" ? route : { partitionKey: undefined, rowKey: undefined };
  const partitionKey = sentKey(sent?.partitionKey, addressed.partitionKey);
  const rowKey = sentKey(sent?.rowKey, addressed.rowKey);
  authorizeKey(access, partitionKey, rowKey);
  const table = "table" in route ? route.table : "";
  return { action, table, partitionKey, rowKey, condition, sent };
}

/** The row as it is, if the write's condition allows to go on. */
function present(write: Write, table: SimulatedTable, { spelling }: Profile): StoredRow | undefined {
  const row = table.rows.get(write.partitionKey, write.rowKey);
  if (write.action === "insert") {
    if (row !== undefined) throw refuse.entityExists();
  } else if (write.condition !== undefined) {
    if (row === undefined) throw refuse.resourceNotFound();
    if (write.condition !== "*" && write.condition !== spelling.etag(row.ticks)) throw refuse.conditionNotMet();
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
    present(write, table, profile);
    return { write, table, entity: undefined };
  }
  const merging = write.action === "merge" || write.action === "insertOrMerge";
  if (sent instanceof PlainEntity && !merging) {
    present(write, table, profile);
    return { write, table, entity: new StoredRow(partitionKey, rowKey, account.nextTicks(), sent.members) };
  }
  const draft = { partitionKey, rowKey, ticks: 0n, properties: sent.properties };
  checkEntity(draft, profile);
  const before = present(write, table, profile);
  if (!merging || before === undefined) {
    return { write, table, entity: StoredRow.of({ ...draft, ticks: account.nextTicks() }) };
  }
  const merged = { ...draft, properties: new Map([...before.properties, ...draft.properties]) };
  checkEntity(merged, profile);
  return { write, table, entity: StoredRow.of({ ...merged, ticks: account.nextTicks() }) };
}

export function commit(change: Change): void {
  const { table, write, entity } = change;
  if (entity === undefined) table.rows.remove(write.partitionKey, write.rowKey);
  else table.rows.put(entity);
}
