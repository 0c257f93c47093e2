import type { StoredEntity } from "./entity";
import { refuse } from "./errors";
import type { Filter } from "./filter";
import type { StoredRow } from "./row";
import type { SimulatedTable } from "./table";

/** Switchable habits of the real service that simple emulators lack. All off by default. */
export interface PagingHabits {
  /** Most rows in a page, at most the service's 1,000. */
  readonly pageRowsMax?: number;
  /** Chance of an empty page that only continues, 0 <= chance < 1. */
  readonly emptyPageChance?: number;
  /** Most rows looked at for one page: a filter then yields short and empty pages with a continuation. */
  readonly rowsScannedPerPageMax?: number;
  /** Pages end where a partition ends (if they can), and their continuation has no NextRowKey. */
  readonly continueAtPartitions?: boolean;
}

export interface PageQuery {
  readonly filter: Filter;
  /** `$top`, else the service's maximum. */
  readonly rowsMax: number;
  /** The first place to look at. */
  readonly from: Continuation | undefined;
}

/** A place in the order in which a table is read: a key, where that is the order of keys. */
export interface Continuation {
  readonly partitionKey: string;
  readonly rowKey: string | undefined;
}

export interface FoundPage {
  readonly rows: readonly StoredRow[];
  readonly next: Continuation | undefined;
}

const TOKEN = /^1!(\d+)!([A-Za-z0-9_-]*)$/;

/** Opaque to clients: version, length, base64. */
export function writeToken(key: string): string {
  const encoded = Buffer.from(key, "utf8").toString("base64url");
  return `1!${encoded.length}!${encoded}`;
}

export function readToken(token: string): string {
  const [, length, encoded = ""] = TOKEN.exec(token) ?? [];
  if (length === undefined || Number(length) !== encoded.length) {
    throw refuse.invalidInput(`The continuation ${token} is not valid.`);
  }
  return Buffer.from(encoded, "base64url").toString("utf8");
}

/** Where to look first: the continuation's place, or the filter's lowest key where that is later. */
function start(table: SimulatedTable, query: PageQuery, habits: PagingHabits) {
  const { from, filter } = query;
  const [partition, row] = [from?.partitionKey ?? "", from?.rowKey ?? ""];
  // Where rows are counted as they are looked at, those before the filter's keys count as well.
  if (habits.rowsScannedPerPageMax !== undefined || !table.ordered) return table.rows.from(partition, row);
  const [lowPartition, lowRow] = filter.keys.low;
  const isLater = lowPartition > partition || (lowPartition === partition && lowRow > row);
  return isLater ? table.rows.from(lowPartition, lowRow) : table.rows.from(partition, row);
}

function continuation(table: SimulatedTable, first: StoredEntity | undefined, bare = false): Continuation | undefined {
  if (first === undefined) return undefined;
  const { partitionKey, rowKey } = table.rows.placeOf(first);
  return { partitionKey, rowKey: bare ? undefined : rowKey };
}

/** One page, as the service would cut it. */
export function findPage(table: SimulatedTable, query: PageQuery, habits: PagingHabits, chance: number): FoundPage {
  const cursor = start(table, query, habits);
  if (chance < (habits.emptyPageChance ?? 0)) return { rows: [], next: continuation(table, cursor.row) };
  const { matches, keys } = query.filter;
  const partitionMax = table.ordered ? keys.partitionMax : undefined;
  const rowsMax = Math.min(query.rowsMax, habits.pageRowsMax ?? query.rowsMax);
  const scannedMax = habits.rowsScannedPerPageMax ?? Number.POSITIVE_INFINITY;
  const rows: StoredRow[] = [];
  /** The last place where a partition began, and how many rows were found before it. */
  let cut: { readonly first: StoredEntity; readonly rows: number } | undefined;
  let before: StoredEntity | undefined;
  let { row } = cursor;
  for (let scanned = 0; ; scanned += 1) {
    // Beyond the filter's keys there is nothing to be found.
    if (row === undefined || (partitionMax !== undefined && row.partitionKey > partitionMax)) {
      return { rows, next: undefined };
    }
    if (before !== undefined && row.partitionKey !== before.partitionKey) cut = { first: row, rows: rows.length };
    if (scanned >= scannedMax || rows.length >= rowsMax) break;
    if (matches(row)) rows.push(row);
    before = row;
    row = cursor.next();
  }
  if (habits.continueAtPartitions !== true || cut === undefined) return { rows, next: continuation(table, row) };
  return { rows: rows.slice(0, cut.rows), next: continuation(table, cut.first, true) };
}
