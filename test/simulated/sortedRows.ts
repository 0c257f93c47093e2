/** What rows are sorted by, ordinally: JavaScript compares UTF-16 units, as the service does. */
export interface Keyed {
  readonly partitionKey: string;
  readonly rowKey: string;
}

/** Rows a chunk holds before it is cut in two: moving as many on an insert costs less than a tree would. */
const CHUNK_ROWS_MAX = 512;

/** Negative, zero or positive, as (partition key, row key) of `row` is below, at or above the key. */
export function compareRows(row: Keyed, partitionKey: string, rowKey: string): number {
  if (row.partitionKey !== partitionKey) return row.partitionKey < partitionKey ? -1 : 1;
  if (row.rowKey === rowKey) return 0;
  return row.rowKey < rowKey ? -1 : 1;
}

/** Walks rows in key order. Valid until the rows change. */
export class RowCursor<Row extends Keyed> {
  constructor(
    private readonly chunks: readonly (readonly Row[])[],
    private chunk: number,
    private index: number,
  ) {}

  /** The row here; undefined behind the last. */
  get row(): Row | undefined {
    return this.chunks[this.chunk]?.[this.index];
  }

  /** Steps on, and returns the row there. */
  next(): Row | undefined {
    this.index += 1;
    if (this.index >= (this.chunks[this.chunk]?.length ?? 0)) {
      this.chunk += 1;
      this.index = 0;
    }
    return this.row;
  }
}

/** Rows in key order, a million of them in whatever order they come: sorted chunks in a sorted list. */
export class SortedRows<Row extends Keyed> {
  /** None is empty, but for the only one. */
  private readonly chunks: Row[][] = [[]];
  /** Where `seek` found its key, or where it belongs. */
  private chunk = 0;
  private index = 0;
  private rows = 0;

  get size(): number {
    return this.rows;
  }

  get(partitionKey: string, rowKey: string): Row | undefined {
    return this.seek(partitionKey, rowKey) ? this.chunks[this.chunk]?.[this.index] : undefined;
  }

  put(row: Row): void {
    const present = this.seek(row.partitionKey, row.rowKey);
    const chunk = this.chunks[this.chunk] ?? [];
    if (present) {
      chunk[this.index] = row;
      return;
    }
    this.rows += 1;
    if (this.index === chunk.length) chunk.push(row);
    else chunk.splice(this.index, 0, row);
    if (chunk.length <= CHUNK_ROWS_MAX) return;
    // Rows that come in order fill a chunk before the next is begun; others halve it.
    const cut = this.index === chunk.length - 1 ? chunk.length - 1 : chunk.length >>> 1;
    this.chunks.splice(this.chunk + 1, 0, chunk.splice(cut));
  }

  remove(partitionKey: string, rowKey: string): void {
    if (!this.seek(partitionKey, rowKey)) return;
    const chunk = this.chunks[this.chunk] ?? [];
    chunk.splice(this.index, 1);
    this.rows -= 1;
    if (chunk.length === 0 && this.chunks.length > 1) this.chunks.splice(this.chunk, 1);
  }

  /** A cursor at the first row at or after a key. */
  from(partitionKey: string, rowKey: string): RowCursor<Row> {
    this.seek(partitionKey, rowKey);
    const behind = this.index >= (this.chunks[this.chunk]?.length ?? 0);
    return new RowCursor(this.chunks, behind ? this.chunk + 1 : this.chunk, behind ? 0 : this.index);
  }

  /** Where `from` finds a row: its keys, since they are what rows are sorted by. */
  placeOf(row: Keyed): Keyed {
    return row;
  }

  /** All rows in key order. */
  all(): readonly Row[] {
    return this.chunks.flat();
  }

  /** Sets `chunk` and `index` to the first place at or after a key; true where a row has it. */
  private seek(partitionKey: string, rowKey: string): boolean {
    if (!this.within(this.chunk, partitionKey, rowKey)) this.chunk = this.chunkOf(partitionKey, rowKey);
    const chunk = this.chunks[this.chunk] ?? [];
    let low = 0;
    let high = chunk.length;
    const last = chunk[high - 1];
    if (last !== undefined && compareRows(last, partitionKey, rowKey) < 0) low = high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareRows(chunk[middle] as Row, partitionKey, rowKey) < 0) low = middle + 1;
      else high = middle;
    }
    this.index = low;
    const found = chunk[low];
    return found !== undefined && compareRows(found, partitionKey, rowKey) === 0;
  }

  /** True where a key belongs into this chunk: neighbouring keys come one after the other more often than not. */
  private within(chunk: number, partitionKey: string, rowKey: string): boolean {
    const first = this.chunks[chunk]?.[0];
    const next = this.chunks[chunk + 1]?.[0];
    return first !== undefined && compareRows(first, partitionKey, rowKey) <= 0 &&
      (next === undefined || compareRows(next, partitionKey, rowKey) > 0);
  }

  /** The last chunk that begins at or before a key, or the first. */
  private chunkOf(partitionKey: string, rowKey: string): number {
    let low = 0;
    let high = this.chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const first = this.chunks[middle]?.[0];
      if (first !== undefined && compareRows(first, partitionKey, rowKey) <= 0) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}
