import type { AccessPolicy } from "./accessPolicies";
import { HashedRows } from "./hashedRows";
import type { Profile } from "./profile";
import type { StoredRow } from "./row";
import { SortedRows } from "./sortedRows";

/** One table: its rows, in key order if the service keeps one, and its stored access policies. */
export class SimulatedTable {
  policies: readonly AccessPolicy[] = [];
  /** Set once the table is being deleted: when its name comes free, milliseconds since 1970. */
  goneAtMs: number | undefined;
  /** Rows are read in key order. */
  readonly ordered: boolean;
  readonly rows: SortedRows<StoredRow> | HashedRows<StoredRow>;

  /** `name` keeps the case it was created with. */
  constructor(readonly name: string, profile: Profile) {
    this.ordered = profile.ordered;
    this.rows = profile.ordered ? new SortedRows() : new HashedRows();
  }
}
