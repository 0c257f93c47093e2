import type { Row, RowKey } from "../../migration/engine/row";
import type { PageRequest, Store, WriteOperation } from "../../migration/engine/store";
import type { FaultRule } from "../simulated";
import type { Quirks } from "./differences";

/** A store under contract, opened on a place of its own. */
export interface Opened {
  readonly store: Store;
  /** The same place with a credential that does not open it. */
  readonly stranger?: Store;
  /** Makes requests fail. */
  readonly fail?: (rule: FaultRule) => void;
  /** Bytes of the body of the last batch that went over the wire; absent where nothing does. */
  readonly lastBatchBytes?: () => number;
  close(): Promise<void>;
}

export interface Subject {
  readonly name: string;
  readonly quirks: Quirks;
  /** There are credentials, and `Opened.stranger` holds a wrong one. */
  readonly hasCredentials: boolean;
  /** Requests can be made to fail, with `Opened.fail`. */
  readonly canFail: boolean;
  open(): Promise<Opened>;
}

/** What the parts of the suite share: the opened store (once `beforeAll` ran) and fresh tables. */
export interface Contract {
  readonly subject: Subject;
  readonly quirks: Quirks;
  readonly opened: () => Opened;
  readonly store: () => Store;
  /** A new, empty table. */
  readonly freshTable: () => Promise<string>;
}

export function key(partitionKey: string, rowKey: string): RowKey {
  return { partitionKey, rowKey };
}

/** Entity bytes as a source would hand them over; `members` is JSON without braces. */
export function body({ partitionKey, rowKey }: RowKey, members = ""): Uint8Array {
  const keys = `"PartitionKey":${JSON.stringify(partitionKey)},"RowKey":${JSON.stringify(rowKey)}`;
  return Buffer.from(`{${keys}${members === "" ? "" : `,${members}`}}`, "utf8");
}

export function put(rowKey: RowKey, members = ""): WriteOperation {
  return { kind: "putReplace", key: rowKey, body: body(rowKey, members) };
}

export function insert(rowKey: RowKey, members = ""): WriteOperation {
  return { kind: "insert", key: rowKey, body: body(rowKey, members) };
}

/** Writes that must succeed, in batches of one partition; the versions in order. */
export async function writeAll(store: Store, table: string, operations: readonly WriteOperation[]): Promise<string[]> {
  const versions: string[] = [];
  for (let at = 0; at < operations.length; ) {
    const partition = operations[at]?.key.partitionKey;
    let end = at;
    const endMax = at + store.limits.batchRowsMax;
    while (end < operations.length && end < endMax && operations[end]?.key.partitionKey === partition) end += 1;
    const outcome = await store.write(table, operations.slice(at, end));
    if (!outcome.committed) throw outcome.error;
    versions.push(...outcome.versions);
    at = end;
  }
  return versions;
}

/** Pages a reader follows at most, so that a store that never ends fails instead of hanging. */
const PAGES_MAX = 5_000;

/** Every page of a request. */
export async function readPages(store: Store, table: string, request: PageRequest = {}): Promise<(readonly Row[])[]> {
  const pages: (readonly Row[])[] = [];
  let next = request.continuation;
  do {
    const page = await store.readPage(table, { ...request, ...(next !== undefined && { continuation: next }) });
    pages.push(page.rows);
    next = page.next;
  } while (next !== undefined && pages.length < PAGES_MAX);
  if (next !== undefined) throw new Error(`Table ${table} had no last page within ${PAGES_MAX}.`);
  return pages;
}

export async function readAll(store: Store, table: string, request: PageRequest = {}): Promise<readonly Row[]> {
  return (await readPages(store, table, request)).flat();
}

export function keysOf(rows: readonly RowKey[]): readonly (readonly [string, string])[] {
  return rows.map(({ partitionKey, rowKey }) => [partitionKey, rowKey] as const);
}
