import type { Phase } from "./syncRecord";

/**
 * A late change of the source that could overwrite newer data of the destination: told and left alone, written over
 * the destination's row, or given up for it.
 */
export type LateConflictPolicy = "report" | "source-wins" | "destination-wins";

/** What a live move is asked for, beside what every run is. */
export interface SyncSettings {
  readonly phase: Phase;
  /** A pass over both sides now, whenever the last one was. */
  readonly reconcile: boolean;
  /** Hours after which a run passes over both sides again instead of following changes. */
  readonly reconcileEveryHours: number;
  /** How long nobody may have written the source before it counts as drained. */
  readonly quietMinutes: number;
  readonly lateConflicts: LateConflictPolicy;
}

export const RECONCILE_EVERY_HOURS = 24;
export const QUIET_MINUTES = 60;
