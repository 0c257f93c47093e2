import { createHash } from "node:crypto";

import { OperationalError } from "../../migration/engine/errors";
import type { MigrationKey } from "../../migration/engine/journal";
import type { Difference, RunOutcome } from "../../migration/engine/outcome";
import type { Row, RowKey } from "../../migration/engine/row";
import type { BatchOutcome, PageRequest, WriteOperation } from "../../migration/engine/store";
import type { SyncRecord } from "../../migration/engine/sync/syncRecord";
import type { SyncSettings } from "../../migration/engine/sync/syncSettings";
import type { FaultKind } from "./faults";

export type Side = "source" | "destination";

/** A row as an account holds it: what the service stamped it with, and what is in it. */
export interface Held {
  readonly stamp: string;
  /** Entity JSON without what the service adds, or the same made of typed values. */
  readonly content: string;
}

interface At {
  /** Orders everything that was recorded. */
  readonly seq: number;
  readonly atMs: number;
}

/** A row changed in an account: by a process's request, or by somebody else. */
export interface Committed extends At, RowKey {
  readonly kind: "committed";
  readonly side: Side;
  readonly table: string;
  /** A process, or "people". */
  readonly by: string;
  /** Carried out after the one who asked had stopped waiting for the answer. */
  readonly late: boolean;
  readonly before?: Held;
  readonly after?: Held;
}

/** What a process asked a store for. */
export interface Asked extends At {
  readonly kind: "asked";
  readonly call: number;
  readonly by: string;
  readonly side: Side;
  readonly method: string;
  readonly table: string;
  readonly page?: PageRequest;
  readonly key?: RowKey;
  readonly operations?: readonly WriteOperation[];
}

/** The answer reached the process. */
export interface Answered extends At {
  readonly kind: "answered";
  readonly asked: Asked;
  readonly rows?: readonly Row[];
  readonly last?: boolean;
  readonly outcome?: BatchOutcome;
  /** The error's code where it failed. */
  readonly failed?: string;
}

/** How far a pass has come: everything above `after` and up to `position`, inclusive, is done; or all of it. */
export interface Claim {
  /** Names a part of the table that is gone through by itself. */
  readonly stretch: string;
  readonly after?: RowKey;
  readonly pass: number;
  readonly complete: boolean;
  readonly position?: RowKey;
}

/** A change that was handed to the journal. */
export interface Journalled extends At {
  readonly kind: "journal";
  readonly by: string;
  readonly migration: MigrationKey;
  readonly claims: readonly Claim[];
  readonly segments: number;
}

/** What the journal holds of a table from here on, as anybody would read it. */
export interface Recorded extends At {
  readonly kind: "recorded";
  /** Whose request it was. */
  readonly by: string;
  readonly table: string;
  readonly claims: readonly Claim[];
  /** Of a live move. */
  readonly sync?: SyncRecord;
}

export interface Began extends At {
  readonly kind: "began";
  readonly by: string;
  /** What a run of a live move is asked for. */
  readonly sync?: SyncSettings;
}

/** A run's end: an outcome, an error, or a kill (neither). */
export interface Ended extends At {
  readonly kind: "ended";
  readonly by: string;
  readonly how: "outcome" | "error" | "killed";
  readonly outcome?: RunOutcome;
  readonly error?: unknown;
}

export interface Noted extends At {
  readonly kind: "noted";
  readonly by: string;
  readonly difference: Difference;
}

export interface Phased extends At {
  readonly kind: "phase";
  readonly by: string;
  readonly phase: string;
  readonly inFlight: number;
}

export interface Faulted extends At {
  readonly kind: "fault";
  readonly fault: FaultKind | "kill" | "stall" | "stop" | "signal";
  readonly by: string;
}

/** From here on nothing is broken and nobody else writes; every run must come through. */
export interface Settled extends At {
  readonly kind: "settled";
}

/** The scheduler's word on a step that did not end as it should. */
export interface Hung extends At {
  readonly kind: "hung";
  readonly why: "deadlock" | "tooManySteps" | "tooLate";
  readonly during: string;
}

export type Entry =
  | Committed | Asked | Answered | Journalled | Recorded | Began | Ended | Noted | Phased | Faulted | Settled | Hung;

type Unstamped<T> = T extends Entry ? Omit<T, "seq" | "atMs"> : never;

/** Everything the actors did, and every call that reached the stores: what checkers judge from. */
export class Log {
  readonly entries: Entry[] = [];

  constructor(private readonly now: () => number) {}

  add<T extends Entry>(entry: Unstamped<T> & { readonly kind: T["kind"] }): T {
    const stamped = Object.assign(entry, { seq: this.entries.length, atMs: this.now() }) as unknown as T;
    this.entries.push(stamped);
    return stamped;
  }

  of<K extends Entry["kind"]>(kind: K): Extract<Entry, { kind: K }>[] {
    return this.entries.filter((entry): entry is Extract<Entry, { kind: K }> => entry.kind === kind);
  }

  /** The same seed gives the same trace, byte for byte. */
  hash(): string {
    const hash = createHash("sha256");
    for (const entry of this.entries) hash.update(traceLine(entry)).update("\n");
    return hash.digest("hex");
  }
}

/** One entry on one line, without the bytes of rows: their stamps say which they were. */
export function traceLine(entry: Entry): string {
  const { seq, atMs } = entry;
  return `${seq} ${atMs} ${entry.kind} ${detail(entry)}`;
}

function keyText({ partitionKey, rowKey }: RowKey): string {
  return JSON.stringify([partitionKey, rowKey]);
}

/** Engines hand over whole rows where a key is asked for. */
function keyOnly({ partitionKey, rowKey }: RowKey): RowKey {
  return { partitionKey, rowKey };
}

function detail(entry: Entry): string {
  switch (entry.kind) {
    case "committed":
      return `${entry.by} ${entry.side} ${entry.table} ${keyText(entry)} ${entry.late ? "late " : ""}` +
        `${entry.before?.stamp ?? "-"} -> ${entry.after?.stamp ?? "-"} ${entry.after?.content ?? ""}`;
    case "asked":
      return `${entry.by} ${entry.side} ${entry.method} ${entry.table} ` +
        JSON.stringify(entry.page ?? (entry.key && keyOnly(entry.key)) ?? null) +
        (entry.operations ?? []).map(({ kind, key, version }) => ` ${kind} ${keyText(key)} ${version ?? ""}`).join("");
    case "answered":
      return `${entry.asked.seq} ${entry.failed ?? ""} ${JSON.stringify(entry.outcome?.committed ?? null)}` +
        (entry.rows ?? []).map((row) => ` ${keyText(row)} ${row.version}`).join("");
    case "journal":
      return `${entry.by} ${entry.migration.table} ${entry.segments} ${JSON.stringify(entry.claims)}`;
    case "recorded":
      return `${entry.by} ${entry.table} ${JSON.stringify(entry.claims)}${optional(entry.sync)}`;
    case "ended":
      return `${entry.by} ${entry.how} ${summary(entry)}`;
    case "noted":
      return `${entry.by} ${entry.difference.class} ${entry.difference.table} ${keyText(entry.difference)}`;
    case "phase":
      return `${entry.by} ${entry.phase} ${entry.inFlight}`;
    case "fault":
      return `${entry.by} ${entry.fault}`;
    case "hung":
      return `${entry.why} ${entry.during}`;
    case "began":
      return `${entry.by}${optional(entry.sync)}`;
    case "settled":
      return "";
  }
}

function optional(value: object | undefined): string {
  return value === undefined ? "" : ` ${JSON.stringify(value)}`;
}

function summary({ outcome, error }: Ended): string {
  if (!outcome) return error instanceof OperationalError ? error.code : String(error ?? "");
  const tables = outcome.tables.map((one) => {
    const { table, verdict, written, unchanged, deleted, missing, extra, different, inFlight, conflicts } = one;
    const counts = { written, unchanged, deleted, missing, extra, different, inFlight, conflicts };
    return `${table}=${verdict}${JSON.stringify(counts)}${one.error?.code ?? ""}${optional(one.sync)}`;
  });
  return `${outcome.verdict} ${tables.join(" ")}`;
}
