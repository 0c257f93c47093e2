import { QUIET_MINUTES, RECONCILE_EVERY_HOURS } from "../../migration/engine/sync/syncSettings";
import { fenceSettings } from "./fence";
import * as fields from "./fields";

/** How far a move without downtime has come, as the stack wants it; the journal knows how far it is. */
export type Phase = "sync" | "switched" | "drained" | "done";

/** What a stack says of a move without downtime. Defaults hold only where there is a phase. */
export interface PhaseSettings {
  readonly phase: Phase;
  /** What becomes of a late change in the source that meets a newer row in the destination. */
  readonly lateConflicts: "report" | "source-wins" | "destination-wins";
  /** How long the source must have been quiet before it counts as drained. */
  readonly quietMinutes: number;
  /** How often both sides are compared in full during sync. */
  readonly reconcileEveryHours: number;
}

export const phaseSettings = {
  phase: fields
    .choice(["sync", "switched", "drained", "done"], "They come in this order, each applied by an `up`.")
    .optional(),
  lateConflicts: fields
    .choice(["report", "source-wins", "destination-wins"], "It is for changes in the source after the switch.")
    .optional(),
  quietMinutes: fields.field<number>(
    "minutes above zero, 10080 at most",
    "It is how long the source is quiet before it is drained; write it like 60 or 0.5.",
    (value) => typeof value === "number" && value > 0 && value <= 10_080,
  ).optional(),
  reconcileEveryHours: fields.whole(1, 720, "It is how often both sides are compared in full.").optional(),
  ...fenceSettings,
};

/** The command line's own, for one move is told the same by both. */
export const PHASE_DEFAULTS = {
  lateConflicts: "report",
  quietMinutes: QUIET_MINUTES,
  reconcileEveryHours: RECONCILE_EVERY_HOURS,
} as const;

/** The keys that mean nothing without a phase. */
export const OF_A_PHASE = [...Object.keys(PHASE_DEFAULTS), ...Object.keys(fenceSettings)];
