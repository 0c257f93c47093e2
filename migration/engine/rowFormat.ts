import type { Row } from "./row";

/** replace: rows become equal. merge: the source's properties are all there, others stay. */
export type CopyMode = "replace" | "merge";

/** Property name in the source -> property name in the destination. Bijective; case matters. */
export type PropertyRenames = ReadonlyMap<string, string>;

/** A typed value for people: `{type: "Edm.Double", value: "1.0"}`. Shown only where the user asked for values. */
export interface TypedText {
  readonly type: string;
  readonly value: string;
}

export interface PropertyDifference {
  readonly name: string;
  /** Absent: the property is not there. */
  readonly source?: TypedText;
  readonly destination?: TypedText;
}

/** A row that a destination would refuse, or that cannot be mapped: row, rule and remedy in one. */
export interface RowFinding {
  readonly code: string;
  readonly property?: string;
  readonly message: string;
}

/** What rows take in a destination that sells throughput, in its own units. */
export interface CapacityRules {
  /** Of all rows with one partition key. */
  readonly partitionBytesMax: number;
  /** As the destination stores it. */
  rowBytes(row: Row): number;
  /** Units that writing a row of so many bytes takes. */
  writeUnits(bytes: number): number;
  readUnits(bytes: number): number;
}

/** Looks inside a row, for the few moments when somebody must. The copy path does not. */
export interface RowFormat {
  /** Typed differences, by name in ordinal order; empty: equal (for merge: the source's properties are there). */
  differences(source: Row, destination: Row, mode: CopyMode): readonly PropertyDifference[];
  /** The row as the destination should hold it. Throws OperationalError `RenameCollision` where two properties meet. */
  rename(row: Row, renames: PropertyRenames): Row;
  /** The destination's row once the source's was merged into it. */
  merged(source: Row, destination: Row): Row;
  /** What the destination's rules refuse in this row. */
  check(row: Row): readonly RowFinding[];
  /** Absent: the destination has no such limits, and charges by the request. */
  readonly capacity?: CapacityRules;
}
