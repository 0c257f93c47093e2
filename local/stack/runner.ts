import type { ChangeCounts } from "../engine";

/** What a run of a stack came to, whoever ran it. */
export interface StackRun {
  readonly ok: boolean;
  readonly changes: ChangeCounts;
  /** Everything the engine printed, for looking into; secrets are never in it. */
  readonly text: string;
}

/** Runs one stack: the local engine, or the Pulumi CLI. */
export interface StackRunner {
  /** For people: `the local engine`, `the Pulumi CLI v3.248.0`. */
  readonly name: string;
  preview(): Promise<StackRun>;
  up(): Promise<StackRun>;
  refresh(): Promise<StackRun>;
  destroy(): Promise<StackRun>;
  /** Secrets in the clear: for tests, never for print. */
  outputs(): Promise<Readonly<Record<string, unknown>>>;
  /** As `pulumi stack export` writes it, secrets encrypted. */
  exportState(): Promise<unknown>;
  /** Ends what was started for it. */
  close(): Promise<void>;
}

export interface RunnerOptions {
  /** A workspace (workspace.ts): the project, with configuration and state of its own. */
  readonly folder: string;
  readonly stack: string;
  /** Where the emulators are (the file that they wrote). */
  readonly emulatorsFile: string;
  /** Encrypts secrets in state. */
  readonly passphrase: string;
  /** Every line, as it is printed. */
  readonly print: (line: string) => void;
  /** Aborted: what is under way is finished, and nothing new begun. */
  readonly signal?: AbortSignal;
}
