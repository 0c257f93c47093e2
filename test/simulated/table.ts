import type { AccessPolicy } from "./accessPolicies";
import type { StoredEntity } from "./entity";

/** Sorts as (partition key, row key) do, ordinally: U+0000 is in no key and below every other character. */
export function sortKey(partitionKey: string, rowKey: string): string {
  return `${partitionKey}\u0000${rowKey}`;
}

/** One table: its rows in key order, and its stored access policies. */
export class SimulatedTable {
  policies: readonly AccessPolicy[] = [];
  /** Set once the table is being deleted: when its name comes free, milliseconds since 1970. */
  goneAtMs: number | undefined;
  private readonly rows = new Map<string, StoredEntity>();
  /** The keys of `rows`, sorted. */
  private readonly order: string[] = [];

  /** `name` keeps the case it was created with. */
  constructor(readonly name: string) {}

  get size(): number {
    return this.order.length;
  }

  get(partitionKey: string, rowKey: string): StoredEntity | undefined {
    return this.rows.get(sortKey(partitionKey, rowKey));
  }

  put(entity: StoredEntity): void {
    const key = sortKey(entity.partitionKey, entity.rowKey);
    if (!this.rows.has(key)) this.order.splice(this.lowerBound(key), 0, key);
    this.rows.set(key, entity);
  }

  remove(partitionKey: string, rowKey: string): void {
    const key = sortKey(partitionKey, rowKey);
    if (this.rows.delete(key)) this.order.splice(this.lowerBound(key), 1);
  }

  /** The place of the first row at or after a key. */
  lowerBound(key: string): number {
    let low = 0;
    let high = this.order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.order[middle] ?? "") < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The row at a place in key order. */
  at(place: number): StoredEntity | undefined {
    const key = this.order[place];
    return key === undefined ? undefined : this.rows.get(key);
  }

  /** All rows in key order. */
  all(): readonly StoredEntity[] {
    return this.order.flatMap((key) => this.rows.get(key) ?? []);
  }
}
