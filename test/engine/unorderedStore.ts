import { hash } from "node:crypto";

import { OperationalError } from "../../migration/engine/errors";
import type { Row, RowKey } from "../../migration/engine/row";
import type { Page, PageRequest, Store } from "../../migration/engine/store";

const places = new WeakMap<RowKey, string>();

function placeOf(row: RowKey): string {
  const known = places.get(row);
  if (known !== undefined) return known;
  const place = hash("sha256", JSON.stringify([row.partitionKey, row.rowKey])).slice(0, 16);
  places.set(row, place);
  return place;
}

async function allRows(store: Store, table: string, request: PageRequest): Promise<{ rows: Row[]; last: Page }> {
  const rest: Record<string, unknown> = { ...request };
  delete rest["continuation"];
  delete rest["rowsMax"];
  const rows: Row[] = [];
  for (let last = await store.readPage(table, rest); ; ) {
    rows.push(...last.rows);
    if (!last.next) return { rows, last };
    last = await store.readPage(table, { ...rest, continuation: last.next });
  }
}

/** The same store as Cosmos DB would be one: rows by the hash of their keys, and no answer to what changed since. */
export function unordered(store: Store): Store {
  const readPage = async (table: string, request: PageRequest): Promise<Page> => {
    if (request.changedSince !== undefined) {
      const message = "a filter on Timestamp finds nothing, whatever changed";
      throw new OperationalError({ code: "TimestampFilterUnsupported", message });
    }
    const { rows, last } = await allRows(store, table, request);
    const after = request.continuation?.["place"] ?? "";
    const placed = rows.map((row) => ({ row, place: placeOf(row) })).filter(({ place }) => place > after);
    placed.sort((a, b) => (a.place < b.place ? -1 : 1));
    const page = placed.slice(0, request.rowsMax ?? 1_000);
    const next = page.length < placed.length ? { next: { place: page.at(-1)?.place ?? "" } } : {};
    return { rows: page.map(({ row }) => row), serverTimeMs: last.serverTimeMs, ...next };
  };
  return new Proxy(store, {
    get: (target, name) => {
      if (name === "ordered" || name === "findsChanges") return false;
      if (name === "readPage") return readPage;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
