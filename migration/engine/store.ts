import type { OperationalError } from "./errors";
import type { Row, RowKey } from "./row";
import type { Usage } from "./usage";

/** What a store accepts. Engine rules (batching, preflight) are generic over these numbers. */
export interface StoreLimits {
  /** Most operations in one batch. */
  readonly batchRowsMax: number;
  /** Most bytes in one batch as it goes over the wire, envelope included. */
  readonly batchBytesMax: number;
  /** True where a batch must stay within one partition key. */
  readonly batchOnePartition: boolean;
}

/** Rows with after < key <= upTo; a bound left out is open. */
export interface KeyRange {
  readonly after?: RowKey;
  readonly upTo?: RowKey;
}

/** Where the next page begins. Opaque to the engine, plain JSON, valid only for the request it came from. */
export type Continuation = Readonly<Record<string, string>>;

export interface PageRequest {
  readonly range?: KeyRange;
  /** A service-side filter in the store's own language (OData for tables); applied besides the range. */
  readonly filter?: string;
  /** Only rows that the server changed at or after this time (ISO 8601). A full scan on the server. */
  readonly changedSince?: string;
  /** Read keys, modified and version only: `body` is empty and `digest` 0n. */
  readonly keysOnly?: boolean;
  readonly continuation?: Continuation;
  /** Most rows wanted, 1 to 1000; the store may return fewer, or none at all, with a continuation. */
  readonly rowsMax?: number;
  /**
   * Hears where the next page begins as soon as the store knows, which may be long before the rows are here: time to
   * ask for it. A hint only. Called at most once per attempt, perhaps not at all, and the attempt may still fail; what
   * was asked for on its word counts only if the page that arrives has an equal `next`.
   */
  readonly onNext?: (next: Continuation) => void;
}

export interface Page {
  /** In key order, where the store is ordered. */
  readonly rows: readonly Row[];
  /** Absent when this was the last page. A page without rows can still have one. */
  readonly next?: Continuation;
  /** The server's clock when it answered, in milliseconds since 1970 (whole seconds: HTTP Date). */
  readonly serverTimeMs: number;
}

/**
 * One change to one row.
 * insert: the row must not exist. replace, merge, delete: the row must exist with `version`
 * ("*" for any version). putReplace, putMerge: whether it exists or not.
 */
export interface WriteOperation {
  readonly kind: "insert" | "replace" | "merge" | "delete" | "putReplace" | "putMerge";
  readonly key: RowKey;
  /** Entity bytes as in `Row.body`; absent for delete. */
  readonly body?: Uint8Array;
  /** Needed by replace, merge and delete. */
  readonly version?: string;
}

/** A batch is all or nothing. */
export type BatchOutcome =
  | { readonly committed: true; readonly versions: readonly string[] /* "" for a delete; same order */ }
  | {
      readonly committed: false;
      /** Which operation the service refused; undefined where it did not say (bisect). */
      readonly failedIndex: number | undefined;
      /** exists: insert met a row. changed: version mismatch. gone: no such row. invalid: the row itself is refused. */
      readonly reason: "exists" | "changed" | "gone" | "invalid";
      readonly error: OperationalError;
    };

/**
 * A place tables live in. Every method makes one attempt and throws `OperationalError`
 * (retryable, throttled, ambiguous as it applies); retrying and pacing are the engine's.
 */
export interface Store {
  /** For people, without secrets: `account contoso (https://contoso.table.core.windows.net)`. */
  readonly name: string;
  /** Stable over credentials: `contoso.table.core.windows.net` or, on an emulator, `127.0.0.1:10002/contoso`. */
  readonly identity: string;
  readonly limits: StoreLimits;
  /** Rows come in `compareKeys` order. */
  readonly ordered: boolean;
  /** `PageRequest.changedSince` finds what changed; otherwise only reading everything does. */
  readonly findsChanges: boolean;
  /** How the service bills requests; absent where nobody bills. */
  readonly billing?: "requests" | "throughput";
  listTables(): Promise<readonly string[]>;
  tableExists(table: string): Promise<boolean>;
  /** Throws retryable `TableBeingDeleted` while an earlier table of that name goes away. */
  createTable(table: string): Promise<"created" | "existed">;
  deleteTable(table: string): Promise<void>;
  readPage(table: string, request: PageRequest): Promise<Page>;
  readRow(table: string, key: RowKey): Promise<Row | undefined>;
  /** At most one batch: within `limits`, each row once. One operation alone need not be sent as a batch. */
  write(table: string, operations: readonly WriteOperation[]): Promise<BatchOutcome>;
  /** Bytes this operation adds to a batch on the wire (an upper bound). */
  wireBytes(operation: WriteOperation): number;
  /** What was asked of the account since the store was opened; absent where nobody counts. */
  usage?(): Usage;
  /** Closes connections. */
  close(): Promise<void>;
}
