import { hash32 } from "./hash";
import type { Keyed, RowCursor } from "./sortedRows";
import { SortedRows } from "./sortedRows";

/** A row at its place: its keys with their hashes in front. */
class Placed<Row extends Keyed> implements Keyed {
  constructor(readonly partitionKey: string, readonly rowKey: string, readonly row: Row) {}
}

function place(key: string): string {
  return hash32(key).toString(16).padStart(8, "0") + key;
}

/** Rows in an order that is always the same and has nothing to do with their keys: by hash, partition by partition. */
export class HashedRows<Row extends Keyed> {
  private readonly placed = new SortedRows<Placed<Row>>();

  get size(): number {
    return this.placed.size;
  }

  get(partitionKey: string, rowKey: string): Row | undefined {
    return this.placed.get(place(partitionKey), place(rowKey))?.row;
  }

  put(row: Row): void {
    this.placed.put(new Placed(place(row.partitionKey), place(row.rowKey), row));
  }

  remove(partitionKey: string, rowKey: string): void {
    this.placed.remove(place(partitionKey), place(rowKey));
  }

  /** From the first row at or after a place; places are what `placeOf` says, not keys. */
  from(partition: string, row: string): Pick<RowCursor<Row>, "row" | "next"> {
    const cursor = this.placed.from(partition, row);
    return {
      get row() {
        return cursor.row?.row;
      },
      next: () => cursor.next()?.row,
    };
  }

  placeOf(row: Keyed): Keyed {
    return { partitionKey: place(row.partitionKey), rowKey: place(row.rowKey) };
  }

  /** All rows, in this order of theirs. */
  all(): readonly Row[] {
    return this.placed.all().map(({ row }) => row);
  }
}
