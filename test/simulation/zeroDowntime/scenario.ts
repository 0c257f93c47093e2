import type { Phase as SyncPhase } from "../../../migration/engine/sync/syncRecord";
import type { LateConflictPolicy } from "../../../migration/engine/sync/syncSettings";
import type { Phase, PlannedRun, Scenario } from "../scenario";

/** A run that a timer started, which still asks for what it was set up with. */
export interface LiveRun extends PlannedRun {
  readonly asks?: SyncPhase;
}

/**
 * Runs that ask for one phase of a live move, and what the application does meanwhile. An edit of the destination is
 * the application's: until it has moved, it makes it in the source. One of the source after that is a late writer's.
 */
export interface LivePhase extends Phase {
  readonly runs: readonly LiveRun[];
  readonly asks: SyncPhase;
  /** Both sides are to be read in full. */
  readonly reconcile: boolean;
}

/** A table, an application that writes it all the time, and a move from one account to the other underneath it. */
export interface LiveScenario extends Scenario {
  readonly phases: readonly LivePhase[];
  readonly lateConflicts: LateConflictPolicy;
  /** How people decide, in the end, the late changes that were reported. */
  readonly decision: Exclude<LateConflictPolicy, "report">;
  readonly reconcileEveryHours: number;
  readonly quietMinutes: number;
  /** How long the application takes to move, once a run has said that it may. */
  readonly moveMs: number;
}
