import type { AccessPolicy } from "./accessPolicies";
import type { StoredRow } from "./row";
import { SortedRows } from "./sortedRows";

/** One table: its rows in key order, and its stored access policies. */
export class SimulatedTable {
  policies: readonly AccessPolicy[] = [];
  /** Set once the table is being deleted: when its name comes free, milliseconds since 1970. */
  goneAtMs: number | undefined;
  readonly rows = new SortedRows<StoredRow>();

  /** `name` keeps the case it was created with. */
  constructor(readonly name: string) {}
}
