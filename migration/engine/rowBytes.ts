import type { Row } from "./row";

/** What a row costs beside its bytes: its object, its keys, its version, its digest. */
const ROW_OVERHEAD_BYTES = 400;

export function bytesOf(row: Row | undefined): number {
  return row ? row.body.length + ROW_OVERHEAD_BYTES : 0;
}

export function bytesOfRows(rows: readonly Row[]): number {
  let bytes = 0;
  for (const row of rows) bytes += bytesOf(row);
  return bytes;
}
