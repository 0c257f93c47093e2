import type { Run } from "./run";
import type { TableSettings } from "./settings";
import type { SideTally, TableTally } from "./tally";

/** One table under verification, and where its counts go. */
export interface VerifyingTable {
  readonly run: Run;
  readonly settings: TableSettings;
  readonly tally: TableTally;
  /** A destination table that is not there holds no rows: all of the source's are missing. */
  readonly destinationExists: boolean;
  /** Rows that the copy before it already reported as conflicts. */
  readonly known?: TableTally;
}

/** What a verification read on each side. */
export interface Sides {
  readonly source: SideTally;
  readonly destination: SideTally;
  /** Rows whose values were compared by a sample. */
  readonly sampled?: number;
}
