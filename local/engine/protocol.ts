import type { Value } from "./value";

export type Operation = "preview" | "up" | "refresh" | "destroy";

/** What is done to one resource. `replace` creates the new one; `deleteReplaced` removes the old one later. */
export type StepOp = "create" | "update" | "replace" | "deleteReplaced" | "delete" | "same" | "read" | "refresh";

/** One input that changes. Secrets and unknowns are words here, never values. */
export interface PropertyChange {
  readonly path: string;
  readonly kind: "add" | "change" | "remove";
  readonly before?: string;
  readonly after?: string;
}

export interface Step {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly op: StepOp;
  /** Why, or what is particular; an error's text. */
  readonly detail?: string;
  /** Deleted from state alone: it stays, unmanaged. */
  readonly retained?: boolean;
  readonly changes?: readonly PropertyChange[];
}

export interface ChangeCounts {
  readonly create: number;
  readonly update: number;
  readonly delete: number;
  readonly replace: number;
  readonly same: number;
}

export interface StackOutput {
  readonly value: Value;
  readonly secret: boolean;
}

export interface RunResult {
  /** What was done; in a preview, what would be. Provider resources that no program declared are not counted. */
  readonly changes: ChangeCounts;
  /** All but `same`, in the order in which they ended; a failed one has its error in `detail`. */
  readonly steps: readonly Step[];
  readonly outputs: Readonly<Record<string, StackOutput>>;
  /** Why the run failed; absent when it did not. */
  readonly error?: string;
}

export interface RunOrder {
  readonly operation: Operation;
  readonly projectFolder: string;
  readonly stack: string;
  readonly stateFile: string;
  readonly passphrase: string;
}

export type ToProcess = { readonly kind: "run"; readonly order: RunOrder } | { readonly kind: "cancel" };

export type RunEvent =
  | { readonly kind: "started" | "done" | "failed"; readonly step: Step; readonly seconds?: number }
  | { readonly kind: "log"; readonly level: "info" | "warning" | "error"; readonly text: string };

export type FromProcess =
  | { readonly kind: "event"; readonly event: RunEvent }
  | { readonly kind: "result"; readonly result: RunResult };
