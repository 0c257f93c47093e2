import type { RowKey } from "../../migration/engine/row";
import type { CopyMode } from "../../migration/engine/rowFormat";
import type { ConflictPolicy, DeletePolicy, ProofLevel } from "../../migration/engine/settings";
import type { Fault } from "./faults";
import type { Side } from "./log";

/** What one row starts as: in the source, in both accounts alike, or in the destination only or otherwise. */
export interface StartRow {
  /** Place in the table's `keys`. */
  readonly key: number;
  readonly where: "source" | "both" | "destination" | "differing";
  readonly members: string;
}

export interface SimulatedTable {
  readonly table: string;
  readonly destinationTable: string;
  readonly mode: CopyMode;
  /** Property name in the source -> in the destination. */
  readonly renames?: Readonly<Record<string, string>>;
  /** Every key that plays a part. */
  readonly keys: readonly RowKey[];
  readonly rows: readonly StartRow[];
}

/** Somebody changes a row, while runs are under way. */
export interface Edit {
  /** After the phase's beginning. */
  readonly atMs: number;
  readonly side: Side;
  /** Place in the scenario's `tables`. */
  readonly table: number;
  readonly key: number;
  /** Absent: the row is deleted. */
  readonly members?: string;
}

/**
 * Somebody changes, at the worst moment, a row that a call just read or wrote (or failed to): right after the call was
 * carried out, and before its answer is there.
 */
export interface Ambush {
  readonly side: Side;
  /** Which call to this side, counted over the whole scenario. */
  readonly call: number;
  /** Which of the call's rows, counted round. */
  readonly row: number;
  /** Absent: the row is deleted. */
  readonly members?: string;
}

/** One start of the command. */
export interface PlannedRun {
  readonly startMs: number;
  /** How wrong its machine's clock is. */
  readonly skewMs?: number;
  /** Killed at its nth call to a store, before it goes out or when its answer is there. */
  readonly kill?: { readonly call: number; readonly when: "before" | "after" };
  /** Its machine is suspended. */
  readonly stall?: { readonly atMs: number; readonly forMs: number };
  /** The user interrupts it. */
  readonly interruptMs?: number;
  /** Somebody runs `landbridge stop`. */
  readonly stopMs?: number;
}

/** Runs at the same time, and what people do meanwhile; the next phase begins when all of it is over. */
export interface Phase {
  readonly runs: readonly PlannedRun[];
  readonly edits: readonly Edit[];
  /** Quiet time after it. */
  readonly pauseMs: number;
}

export interface Network {
  readonly latencyMsMin: number;
  readonly latencyMsMax: number;
  /** Of a call to take up to `spikeMsMax` longer: answers overtake each other. */
  readonly spikeChance: number;
  readonly spikeMsMax: number;
  readonly pageRowsMax: number;
}

/** Everything that a simulation does, as data: drawn from a seed, or shrunk from what was. */
export interface Scenario {
  readonly seed: number;
  /** memory: stores in memory. service: the simulated table service, through the adapter for Azure tables. */
  readonly backend: "memory" | "service";
  /** The destination hands out its rows in no order, cannot tell what changed, and refuses Cosmos DB's own names. */
  readonly cosmos?: boolean;
  readonly tables: readonly SimulatedTable[];
  readonly deletes: DeletePolicy;
  readonly conflicts: ConflictPolicy;
  readonly level: ProofLevel;
  readonly concurrency: number;
  readonly sampleRows: number;
  /** How wrong the services' clocks are. */
  readonly skewMs: Readonly<Record<Side, number>>;
  readonly network: Network;
  readonly faults: readonly Fault[];
  readonly ambushes: readonly Ambush[];
  readonly phases: readonly Phase[];
}

/** For people: what a shrunk scenario still holds. */
export function sizeOf({ tables, faults, ambushes, phases }: Scenario): string {
  const rows = tables.reduce((sum, one) => sum + one.rows.length, 0);
  const edits = phases.reduce((sum, one) => sum + one.edits.length, ambushes.length);
  const runs = phases.reduce((sum, one) => sum + one.runs.length, 0);
  return `${tables.length} tables, ${rows} rows, ${runs} runs, ${edits} edits, ${faults.length} faults`;
}
