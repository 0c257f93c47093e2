import type { Row, RowKey } from "../../engine/row";
import type { PageRequest, Store } from "../../engine/store";

/** The first place of a sorted list whose value is above one. */
function placeAbove(sorted: readonly number[], value: number): number {
  let low = 0;
  for (let high = sorted.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** All rows of a request, in whatever order. */
export async function readAll(store: Store, table: string, request: PageRequest): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let page = await store.readPage(table, request); ; ) {
    rows.push(...page.rows);
    if (!page.next) return rows;
    page = await store.readPage(table, { ...request, continuation: page.next });
  }
}

/**
 * The order of a migration's segments, for a service that has none: their sequences, read once as keys and kept as they
 * are written. Memory: a number for each segment, about a thousandth of the table's rows.
 */
export class SegmentOrder {
  private readonly known = new Map<string, number[]>();

  /** Forgets a migration: another run may have written since. */
  forget(partitionKey: string): void {
    this.known.delete(partitionKey);
  }

  /** The next sequences above one, at most so many. */
  async above(
    partitionKey: string, sequence: number, most: number, read: () => Promise<readonly RowKey[]>,
    sequenceOf: (key: RowKey) => number,
  ): Promise<readonly number[]> {
    let sorted = this.known.get(partitionKey);
    if (!sorted) {
      sorted = (await read()).map(sequenceOf).sort((a, b) => a - b);
      this.known.set(partitionKey, sorted);
    }
    const first = placeAbove(sorted, sequence);
    return sorted.slice(first, first + most);
  }

  wrote(partitionKey: string, sequence: number): void {
    const sorted = this.known.get(partitionKey);
    if (!sorted) return;
    const place = placeAbove(sorted, sequence);
    if (sorted[place - 1] !== sequence) sorted.splice(place, 0, sequence);
  }

  removed(partitionKey: string, sequence: number): void {
    const sorted = this.known.get(partitionKey);
    const place = sorted ? placeAbove(sorted, sequence) - 1 : -1;
    if (sorted?.[place] === sequence) sorted.splice(place, 1);
  }
}
