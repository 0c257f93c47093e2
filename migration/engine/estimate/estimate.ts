import type { RequestKind } from "../usage";
import type { Span } from "./span";

/** What a move is reckoned with, beside what its tables show; what is left out is not known. */
export interface MovePlan {
  /** Highest throughput of all destination tables together while they are copied to, in units a second. */
  readonly copyThroughput?: number;
  /** The same after that. */
  readonly steadyThroughput?: number;
  /** Regions that hold the data; throughput and storage are paid for in each. Default 1. */
  readonly regions?: number;
  /** Rows a second of such a run, as an earlier one went. Without it time is a wide guess. */
  readonly rowsPerSecond?: number;
}

/** How a service bills what is asked of it. */
export type Billing = "requests" | "throughput";

export interface TableEstimate {
  readonly table: string;
  readonly entities: Span;
  /** Of the entities' JSON, as the destination is given it. */
  readonly bytes: Span;
  /** Every row was read: a fact. */
  readonly exact: boolean;
  readonly rowsRead: number;
  /**
   * Rows to write into a table that is there already. counted: by a dry run, to its end. assumed: those beyond what the
   * last complete pass saw, the others taken to be unchanged. Absent: all of them, or nobody knows how few.
   */
  readonly writes?: { readonly rows: Span; readonly basis: "counted" | "assumed" };
}

export interface SideEstimate {
  /** Absent where nobody bills, as in memory. */
  readonly billing?: Billing;
  readonly requests: Readonly<Record<RequestKind, Span>>;
  /** What leaves the account. */
  readonly bytesReceived: Span;
  /** Where the side sells throughput. */
  readonly requestUnits?: Span;
}

/** What a move will take, as far as it can be told before: ranges, unless both ends are equal. Plain JSON. */
export interface Estimate {
  readonly tables: readonly TableEstimate[];
  readonly source: SideEstimate;
  readonly destination: SideEstimate;
  /** What the destination keeps of it. */
  readonly storedBytes: Span;
  readonly seconds: Span;
  /** Where `seconds` comes from. */
  readonly secondsBasis: "rate" | "throughput" | "sample";
  readonly plan: MovePlan;
}
