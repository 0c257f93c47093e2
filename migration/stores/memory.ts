import { assert, OperationalError } from "../engine/errors";
import { compareKeys, describeKey, type Row, type RowKey } from "../engine/row";
import type { BatchOutcome, Continuation, Page, PageRequest, Store, WriteOperation } from "../engine/store";
import { azureTablesFormat } from "./azureTables/format";
import { rowOfBody } from "./azureTables/entity";
import { PAGE_ROWS_MAX, STORAGE_LIMITS } from "./azureTables/limits";
import { mergeBodies } from "./azureTables/mergeBodies";
import { BatchBuilder } from "./azureTables/wire/batch";

export interface MemoryStoreOptions {
  /** Names the account: `memory contoso`. */
  readonly name: string;
  /** Whose place it takes: what a journal knows its account by. Default: its own. */
  readonly identity?: string;
  /** How the place that it takes is billed. Default: nobody bills. */
  readonly billing?: "requests" | "throughput";
  /** The server's clock, in milliseconds since 1970. Default: this machine's. */
  readonly now?: () => number;
  /** Understands `PageRequest.filter`; without it, a filter is refused. */
  readonly filter?: (filter: string) => (row: Row) => boolean;
}

/** A store in memory, with a side door for those who play "somebody else" in a test. */
export interface MemoryStore extends Store {
  /** Writes a row whatever was there (an entity as JSON text, or as an object to be made JSON of). */
  put(table: string, entity: string | Readonly<Record<string, unknown>>): Promise<Row>;
  /** Removes a row; false where there was none. */
  remove(table: string, key: RowKey): boolean;
  /** All rows of a table, in key order. */
  rows(table: string): readonly Row[];
}

interface Table {
  readonly name: string;
  rows: Row[];
}

type Refusal = BatchOutcome & { readonly committed: false };

/** Where the row is, or would be. Rows are kept in key order. */
function position(rows: readonly Row[], key: RowKey): { readonly index: number; readonly found: boolean } {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(rows[middle] as Row, key) < 0) low = middle + 1;
    else high = middle;
  }
  const at = rows[low];
  return { index: low, found: at !== undefined && compareKeys(at, key) === 0 };
}

function refusal(
  failedIndex: number | undefined, reason: Refusal["reason"], status: number, code: string, message: string,
): Refusal {
  return { committed: false, failedIndex, reason, error: new OperationalError({ code, message, status }) };
}

/** Storage's semantics in memory: order, ETags, a server clock with 100 ns, batches all or nothing. */
class Memory implements MemoryStore {
  readonly limits = STORAGE_LIMITS;
  readonly ordered = true;
  readonly findsChanges = true;
  readonly name: string;
  readonly identity: string;
  readonly billing?: "requests" | "throughput";
  private readonly tables = new Map<string, Table>();
  private readonly now: () => number;
  private readonly batches: BatchBuilder;
  private lastTicks = 0n;

  constructor(private readonly options: MemoryStoreOptions) {
    this.name = `memory ${options.name}`;
    this.identity = options.identity ?? `memory/${options.name}`.toLowerCase();
    if (options.billing) this.billing = options.billing;
    this.now = options.now ?? Date.now;
    this.batches = new BatchBuilder(this.identity);
  }

  private table(name: string): Table {
    const table = this.tables.get(name.toLowerCase());
    if (table !== undefined) return table;
    throw new OperationalError({
      code: "TableNotFound",
      message: `Table "${name}" of ${this.identity} does not exist. Check its name, or create it.`,
      status: 404,
    });
  }

  /** Never the same twice, never backwards. */
  private timestamp(): string {
    const ticks = BigInt(Math.floor(this.now())) * 10_000n;
    this.lastTicks = ticks > this.lastTicks ? ticks : this.lastTicks + 1n;
    const whole = new Date(Number(this.lastTicks / 10_000n)).toISOString().slice(0, -1);
    return `${whole}${String(this.lastTicks % 10_000n).padStart(4, "0")}Z`;
  }

  private stored(body: Buffer): Row {
    const modified = this.timestamp();
    return rowOfBody(body, modified, `W/"datetime'${encodeURIComponent(modified)}'"`);
  }

  /** The row, or why no service would take it: an entity that is none, a value that does not fit its type. */
  private storable(body: Buffer): Row | OperationalError {
    try {
      return this.stored(body);
    } catch (error) {
      if (error instanceof OperationalError) return error;
      throw error;
    }
  }

  async listTables(): Promise<readonly string[]> {
    return [...this.tables.values()].map(({ name }) => name).sort();
  }

  async tableExists(table: string): Promise<boolean> {
    return this.tables.has(table.toLowerCase());
  }

  async createTable(table: string): Promise<"created" | "existed"> {
    if (this.tables.has(table.toLowerCase())) return "existed";
    this.tables.set(table.toLowerCase(), { name: table, rows: [] });
    return "created";
  }

  async deleteTable(table: string): Promise<void> {
    this.tables.delete(table.toLowerCase());
  }

  async readPage(table: string, request: PageRequest): Promise<Page> {
    const { rows } = this.table(table);
    const most = request.rowsMax ?? PAGE_ROWS_MAX;
    assert(Number.isInteger(most) && most >= 1 && most <= PAGE_ROWS_MAX, `rowsMax ${most} is not from 1 to 1000`);
    const matches = this.matcher(request);
    const page: Row[] = [];
    let next: Continuation | undefined;
    for (let i = firstIndex(rows, request); i < rows.length; i++) {
      const row = rows[i] as Row;
      if (request.range?.upTo !== undefined && compareKeys(row, request.range.upTo) > 0) break;
      if (!matches(row)) continue;
      const last = page.at(-1);
      if (page.length === most && last !== undefined) {
        next = { partitionKey: last.partitionKey, rowKey: last.rowKey };
        break;
      }
      page.push(request.keysOnly === true ? { ...row, body: new Uint8Array(0), digest: 0n } : row);
    }
    const serverTimeMs = Math.floor(this.now() / 1000) * 1000;
    return { rows: page, serverTimeMs, ...(next === undefined ? {} : { next }) };
  }

  private matcher({ filter, changedSince }: PageRequest): (row: Row) => boolean {
    const since = changedSince === undefined ? undefined : sortableTime(changedSince);
    const fresh = (row: Row) => since === undefined || sortableTime(row.modified) >= since;
    if (filter === undefined) return fresh;
    const matches = this.options.filter?.(filter);
    if (matches !== undefined) return (row) => fresh(row) && matches(row);
    throw new OperationalError({
      code: "InvalidInput",
      message: `${this.identity} does not understand filter ${JSON.stringify(filter)}: open it with a filter option.`,
      status: 400,
    });
  }

  async readRow(table: string, key: RowKey): Promise<Row | undefined> {
    const { rows } = this.table(table);
    const { index, found } = position(rows, key);
    return found ? rows[index] : undefined;
  }

  async write(table: string, operations: readonly WriteOperation[]): Promise<BatchOutcome> {
    const [first] = operations;
    assert(first !== undefined && operations.length <= this.limits.batchRowsMax, "a batch holds 1 to 100 operations");
    const { partitionKey } = first.key;
    assert(operations.every(({ key }) => key.partitionKey === partitionKey), "a batch stays in one partition");
    const target = this.table(table);
    const bytes = operations.reduce((sum, operation) => sum + this.wireBytes(operation), 0);
    if (operations.length > 1 && bytes > this.limits.batchBytesMax) {
      return refusal(undefined, "invalid", 413, "RequestBodyTooLarge", `A batch of ${bytes} bytes is too large.`);
    }
    // A batch works on a copy, which replaces the rows only when all went well.
    const rows = [...target.rows];
    const versions: string[] = [];
    for (const [index, operation] of operations.entries()) {
      const twice = operations.slice(0, index).some(({ key }) => compareKeys(key, operation.key) === 0);
      const result = twice
        ? refusal(index, "invalid", 400, "InvalidDuplicateRow", `Row ${describeKey(operation.key)} is there twice.`)
        : this.apply(rows, operation, index);
      if (typeof result !== "string") return result;
      versions.push(result);
    }
    target.rows = rows;
    return { committed: true, versions };
  }

  /** Carries out one operation on `rows`; the new version, or why not. */
  private apply(rows: Row[], operation: WriteOperation, index: number): string | Refusal {
    const { key, kind, version } = operation;
    const at = position(rows, key);
    const existing = at.found ? rows[at.index] : undefined;
    const refused = precondition(existing, operation, index);
    if (refused !== undefined) return refused;
    assert(kind === "insert" || kind.startsWith("put") || Boolean(version), `a ${kind} needs a version`);
    if (kind === "delete") {
      rows.splice(at.index, 1);
      return "";
    }
    assert(operation.body !== undefined, `a ${kind} needs a body`);
    const merges = kind === "merge" || kind === "putMerge";
    const row = this.storable(mergeBodies(merges ? existing?.body : undefined, operation.body));
    if (row instanceof OperationalError) {
      return { committed: false, failedIndex: index, reason: "invalid", error: row };
    }
    assert(compareKeys(row, key) === 0, `an operation on ${describeKey(key)} carries row ${describeKey(row)}`);
    const [finding] = azureTablesFormat.check(row);
    if (finding !== undefined) return refusal(index, "invalid", 400, finding.code, finding.message);
    rows.splice(at.index, at.found ? 1 : 0, row);
    return row.version;
  }

  wireBytes(operation: WriteOperation): number {
    return this.batches.partBytesMax(operation);
  }

  async close(): Promise<void> {
    // Nothing is open: memory holds no connection.
  }

  async put(table: string, entity: string | Readonly<Record<string, unknown>>): Promise<Row> {
    const { rows } = this.table(table);
    const text = typeof entity === "string" ? entity : JSON.stringify(entity);
    const row = this.stored(mergeBodies(undefined, Buffer.from(text)));
    const { index, found } = position(rows, row);
    rows.splice(index, found ? 1 : 0, row);
    return row;
  }

  remove(table: string, key: RowKey): boolean {
    const { rows } = this.table(table);
    const { index, found } = position(rows, key);
    if (found) rows.splice(index, 1);
    return found;
  }

  rows(table: string): readonly Row[] {
    return [...this.table(table).rows];
  }
}

/** A UTC time with seven fractional digits: ordered as text. */
function sortableTime(time: string): string {
  const [whole = "", fraction = ""] = time.replace(/Z$/, "").split(".");
  return `${whole}.${fraction.padEnd(7, "0")}`;
}

/** The first row after both the range's lower bound and the continuation. */
function firstIndex(rows: readonly Row[], { range, continuation }: PageRequest): number {
  const { partitionKey, rowKey } = continuation ?? {};
  const after = partitionKey === undefined || rowKey === undefined ? range?.after : { partitionKey, rowKey };
  if (after === undefined) return 0;
  const { index, found } = position(rows, after);
  return found ? index + 1 : index;
}

function precondition(existing: Row | undefined, operation: WriteOperation, index: number): Refusal | undefined {
  const { key, kind, version } = operation;
  if (kind === "putReplace" || kind === "putMerge") return undefined;
  if (kind === "insert") {
    if (existing === undefined) return undefined;
    return refusal(index, "exists", 409, "EntityAlreadyExists", `Row ${describeKey(key)} exists already.`);
  }
  if (existing === undefined) return refusal(index, "gone", 404, "ResourceNotFound", `No row ${describeKey(key)}.`);
  if (version === "*" || version === existing.version) return undefined;
  return refusal(
    index, "changed", 412, "UpdateConditionNotSatisfied", `Row ${describeKey(key)} was changed since it was read.`,
  );
}

/** Opens an empty store in memory. */
export function memoryStore(options: MemoryStoreOptions): MemoryStore {
  return new Memory(options);
}
