import type { CopyMode, PropertyRenames } from "./rowFormat";

export type DeletePolicy = "report" | "propagate" | "accept";
export type ConflictPolicy = "refuse" | "overwrite";
/** Levels of verification that prove something, from what says most to what says least. */
export const VERIFY_LEVELS = ["full", "sample", "count"] as const;

export type VerifyLevel = (typeof VERIFY_LEVELS)[number];

/** none: a copy that is proven in a step of its own; by itself it never says equal. */
export type ProofLevel = VerifyLevel | "none";

export interface TableSettings {
  readonly table: string;
  readonly destinationTable: string;
  readonly renames: PropertyRenames;
  readonly mode: CopyMode;
  /** OData filter on the source. */
  readonly filter?: string;
}

export interface RunSettings {
  /** In the order wanted in the report; each destination table once. */
  readonly tables: readonly TableSettings[];
  readonly deletes: DeletePolicy;
  readonly conflicts: ConflictPolicy;
  readonly level: ProofLevel;
  /** Rows of a `sample` verification, per table. */
  readonly sampleRows: number;
  readonly seed: number;
  /** Requests under way at once, at most, per account. */
  readonly concurrency: number;
  /** Plan and count, write nothing, and say what would be done. */
  readonly dryRun: boolean;
}
