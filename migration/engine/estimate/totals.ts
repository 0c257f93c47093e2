import { cutBatches } from "../batch";
import type { Row } from "../row";
import type { CapacityRules } from "../rowFormat";
import { rowsThatFit } from "../scan";
import { SEGMENT_BYTES_MAX, SEGMENT_ROWS_MAX } from "../segments";
import { bytesOfRows } from "../rowBytes";
import type { Store, WriteOperation } from "../store";

/** What of a table adds up, row by row or stretch by stretch. */
export const QUANTITIES = [
  "rows", "bytes", "pageBytes", "pages", "segments", "storedBytes", "readUnits",
  "rowsWritten", "batches", "singles", "batchesLeast", "singlesLeast", "writeUnits",
] as const;

export type Quantity = (typeof QUANTITIES)[number];
export type Totals = Readonly<Record<Quantity, number>>;

export const NO_TOTALS = Object.fromEntries(QUANTITIES.map((name) => [name, 0])) as unknown as Totals;

export function sum(a: Totals, b: Totals, weight = 1): Totals {
  const total = { ...a } as Record<Quantity, number>;
  for (const name of QUANTITIES) total[name] += weight * b[name];
  return total;
}

/** What a page holds of a row beside its body: names of ETag and Timestamp, quotes, a comma. */
const PAGE_ROW_BYTES = 50;

/** What the destination is, as far as it decides what rows take there. */
export interface Receiving {
  readonly store: Pick<Store, "limits" | "wireBytes">;
  readonly capacity?: CapacityRules | undefined;
}

/**
 * What a stretch of rows, one behind the other, takes to be read and to be written: as a copy would cut it, where the
 * stretch is as long as a page or a segment is. All of it is taken to be written.
 */
export function totalsOf(receiving: Receiving, rows: readonly Row[]): Totals {
  const { capacity } = receiving;
  const totals = { ...NO_TOTALS } as Record<Quantity, number>;
  totals.rows = rows.length;
  for (const row of rows) {
    totals.bytes += row.body.length;
    totals.pageBytes += row.body.length + row.version.length + row.modified.length + PAGE_ROW_BYTES;
    const stored = capacity?.rowBytes(row) ?? row.body.length;
    totals.storedBytes += stored;
    totals.readUnits += capacity?.readUnits(stored) ?? 0;
    totals.writeUnits += capacity?.writeUnits(row.body.length) ?? 0;
  }
  if (rows.length > 0) totals.pages = rows.length / rowsThatFit(rows, bytesOfRows(rows));
  totals.segments = Math.max(rows.length / SEGMENT_ROWS_MAX, totals.bytes / SEGMENT_BYTES_MAX);
  totals.rowsWritten = rows.length;
  const batches = cutBatches(receiving.store, rows.map(inserted));
  batches.forEach(({ length }, at) => {
    totals[length > 1 ? "batches" : "singles"] += 1;
    // What a stretch ends with may go on in the next one: of such a batch only its share is sure, of one row nothing.
    if (at > 0 && at < batches.length - 1) totals[length > 1 ? "batchesLeast" : "singlesLeast"] += 1;
    else if (length > 1) totals.batchesLeast += length / receiving.store.limits.batchRowsMax;
  });
  return totals;
}

function inserted(row: Row): { readonly operation: WriteOperation } {
  const { partitionKey, rowKey, body } = row;
  return { operation: { kind: "insert", key: { partitionKey, rowKey }, body } };
}
