import type { CopyingTable } from "../copySegment";
import type { SyncOutcome } from "./syncOutcome";
import type { SyncSettings } from "./syncSettings";

type Counted = "changed" | "backfilled" | "lateApplied" | "lateConflicts";

export type SyncNumbers = { -readonly [K in Counted]: SyncOutcome[K] };

/** One table of a live move, and where its counts go. */
export interface SyncingTable extends CopyingTable {
  readonly sync: SyncSettings;
  readonly numbers: SyncNumbers;
}
