import { z } from "zod";

import { VERIFY_LEVELS } from "../engine/settings";
import { reckonedFields } from "./reckoned";

/**
 * The report of a run: what people keep, show and archive. JSON, one object. Field by field in
 * docs/understanding-output.md. A change that old readers cannot read raises `schemaVersion`.
 */
export const SCHEMA_VERSION = 1;

const count = z.int().nonnegative();
const instant = z.iso.datetime({ precision: 3 });
/** `v2:` + 32 hex digits: the version of the encoding, then the sum of the rows' digests modulo 2^128. */
const digest = z.string().regex(/^v[1-9][0-9]*:[0-9a-f]{32}$/);

const side = z.strictObject({
  count,
  /** Absent where values were not read (levels `sample` and `count`). */
  digest: digest.optional(),
});

/** `value` only where the run was told to show values. */
const typed = z.strictObject({ type: z.string(), value: z.string().optional() });

const property = z.strictObject({
  name: z.string(),
  /** Absent: the property is not there. */
  source: typed.optional(),
  destination: typed.optional(),
});

const sample = z.strictObject({
  class: z.enum(["missing", "extra", "different", "conflict", "inFlight"]),
  partitionKey: z.string(),
  rowKey: z.string(),
  properties: z.array(property),
  /** Why a late change of a live move was left alone. */
  reason: z.string().optional(),
});

/** What a run of a live move came to. Times are the source server's clock. */
const sync = z.strictObject({
  phase: z.enum(["sync", "switched", "drained", "done"]),
  /** The phase before, where this run moved the table. */
  movedFrom: z.enum(["sync", "switched", "drained"]).optional(),
  work: z.enum(["copy", "reconcile", "backfill", "late", "lateReconcile", "nothing"]),
  /** Every change that the source stamped before it is applied. */
  watermark: instant.optional(),
  /** Age of the oldest change that may not be applied yet, at most. */
  lagMs: count.optional(),
  changed: count,
  backfilled: count,
  lateApplied: count,
  lateConflicts: count,
  /** The last verification, of rows that nobody touched after the switch. */
  evidence: z.strictObject({
    compared: count, different: count, changedSince: count, goneSince: count, quietMs: count,
  }).optional(),
  notes: z.array(z.string()),
});

const table = z.strictObject({
  table: z.string(),
  destinationTable: z.string(),
  verdict: z.enum(["equal", "synced", "different", "inFlight", "incomplete"]),
  source: side,
  destination: side,
  missing: count,
  extra: count,
  different: count,
  /** Rows that changed while they were verified: nothing can be said of them yet. */
  inFlight: count,
  conflicts: count,
  written: count,
  unchanged: count,
  deleted: count,
  skipped: z.array(z.strictObject({ reason: z.string(), count })),
  /** The first differences of each class, bounded; `--differences` has every one. */
  samples: z.array(sample),
  /** Rows compared by a `sample` verification. */
  sampled: count.optional(),
  durationMs: z.number().nonnegative(),
  entitiesPerSecond: z.number().nonnegative(),
  /** Why the table is incomplete. */
  error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
  /** Of a live move; absent where it failed. */
  sync: sync.optional(),
});

const throughputPoint = z.strictObject({
  phase: z.enum(["preflight", "copy", "verify"]),
  /** Milliseconds since the run's start. */
  atMs: z.number().nonnegative(),
  rowsPerSecond: z.number().nonnegative(),
  throttled: z.boolean(),
});

export const reportContentSchema = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  runId: z.string(),
  command: z.enum(["copy", "verify", "sync"]),
  verdict: z.enum(["equal", "synced", "different", "incomplete"]),
  level: z.enum([...VERIFY_LEVELS, "none"]),
  dryRun: z.boolean(),
  stopped: z.boolean(),
  startedAt: instant,
  finishedAt: instant,
  /** Version of the digests' encoding: digests of different versions cannot be compared. */
  digestVersion: z.int().positive(),
  /** Accounts, without secrets. */
  source: z.string(),
  destination: z.string(),
  /** What "equal" was measured by: a filter, a merge, a rename or an accepted extra row changes what the word means. */
  settings: z.strictObject({
    deletes: z.enum(["report", "propagate", "accept"]),
    conflicts: z.enum(["refuse", "overwrite"]),
    /** Of a live move: what it was asked for. */
    phase: z.enum(["sync", "switched", "drained", "done"]).optional(),
    lateConflicts: z.enum(["report", "source-wins", "destination-wins"]).optional(),
    tables: z.array(z.strictObject({
      table: z.string(),
      mode: z.enum(["replace", "merge"]),
      filter: z.string().optional(),
      renames: z.array(z.strictObject({ from: z.string(), to: z.string() })),
    })),
  }),
  /** Seed of a `sample` verification: the same seed over the same keys draws the same rows. */
  seed: z.int().optional(),
  tables: z.array(table),
  /** Bounded: the longer the run, the coarser the points. */
  throughput: z.array(throughputPoint),
  ...reckonedFields,
});

export const reportSchema = reportContentSchema.extend({
  /** `sha256:` + hex, over the RFC 8785 canonical JSON of everything else in here. */
  hash: z.string().regex(/^sha256:[0-9a-f]{64}$/),
});

type DeepReadonly<T> = T extends readonly (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

export type ReportContent = DeepReadonly<z.infer<typeof reportContentSchema>>;
export type Report = DeepReadonly<z.infer<typeof reportSchema>>;
/** What a run was expected to take, what it took, and at what cost. */
export type Reckoned = Pick<ReportContent, "estimate" | "used" | "cost">;
export type ReportTable = Report["tables"][number];
export type ReportSync = NonNullable<ReportTable["sync"]>;
export type ReportSample = ReportTable["samples"][number];
export type ReportProperty = ReportSample["properties"][number];
export type ThroughputPoint = Report["throughput"][number];
