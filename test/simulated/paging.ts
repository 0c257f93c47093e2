import type { StoredEntity } from "./entity";
import { refuse } from "./errors";
import type { Filter } from "./filter";
import type { SimulatedTable } from "./table";
import { sortKey } from "./table";

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
  /** The first key to look at. */
  readonly from: Continuation | undefined;
}

export interface Continuation {
  readonly partitionKey: string;
  readonly rowKey: string | undefined;
}

export interface FoundPage {
  readonly rows: readonly StoredEntity[];
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

/** The latest place in (start, end] where a partition begins, so that a page can end there. */
function partitionStart(table: SimulatedTable, start: number, end: number): number | undefined {
  for (let place = end; place > start; place -= 1) {
    if (table.at(place)?.partitionKey !== table.at(place - 1)?.partitionKey) return place;
  }
  return undefined;
}

/** One page, as the service would cut it. */
export function findPage(table: SimulatedTable, query: PageQuery, habits: PagingHabits, chance: number): FoundPage {
  const { from } = query;
  const start = from === undefined ? 0 : table.lowerBound(sortKey(from.partitionKey, from.rowKey ?? ""));
  const continuation = (place: number, bare: boolean): Continuation | undefined => {
    const first = table.at(place);
    if (first === undefined) return undefined;
    return { partitionKey: first.partitionKey, rowKey: bare ? undefined : first.rowKey };
  };
  if (chance < (habits.emptyPageChance ?? 0)) return { rows: [], next: continuation(start, false) };
  const rowsMax = Math.min(query.rowsMax, habits.pageRowsMax ?? query.rowsMax);
  const scanEnd = start + (habits.rowsScannedPerPageMax ?? Number.POSITIVE_INFINITY);
  const found: { readonly place: number; readonly row: StoredEntity }[] = [];
  let place = start;
  for (; place < table.size && place < scanEnd && found.length < rowsMax; place += 1) {
    const row = table.at(place);
    if (row !== undefined && query.filter(row)) found.push({ place, row });
  }
  const cut = habits.continueAtPartitions === true ? partitionStart(table, start, place) : undefined;
  const end = place < table.size ? (cut ?? place) : place;
  return {
    rows: found.filter((hit) => hit.place < end).map(({ row }) => row),
    next: continuation(end, cut !== undefined),
  };
}
