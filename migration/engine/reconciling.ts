import type { TwoSided } from "./bothSides";
import type { CopyingTable } from "./copySegment";
import type { Hash64 } from "./hash64";
import type { MigrationKey } from "./journal";
import type { HeldPair } from "./roundRows";
import type { RowKey } from "./row";

/** A table whose sides are compared by hash buckets, and made equal. */
export interface Reconciling extends TwoSided {
  readonly copying: CopyingTable;
  readonly migration: MigrationKey;
}

/** A key about which something is to be decided. */
export interface Due {
  readonly key: RowKey;
  /** As receipts know it. */
  readonly name: string;
  readonly pair: HeldPair;
  /** Of a row that only the destination has: its entries, wherever in the journal they stand. */
  readonly known?: Uint8Array;
}

/** An entry of a key that neither side holds. */
export type IsOrphan = (key: Pick<Hash64, "high" | "low">) => boolean;
