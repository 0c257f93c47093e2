import type { Digest } from "../engine/row";
import type { PropertyDifference, TypedText } from "../engine/rowFormat";
import type { Difference, RunOutcome, SideSummary, TableOutcome } from "../engine/outcome";
import type { ProofLevel, RunSettings } from "../engine/settings";
import type { SyncOutcome } from "../engine/sync/syncOutcome";
import type { SyncSettings } from "../engine/sync/syncSettings";
import type {
  Reckoned, Report, ReportProperty, ReportSample, ReportSync, ReportTable, ThroughputPoint,
} from "./schema";
import { SCHEMA_VERSION } from "./schema";
import { seal } from "./seal";

/** What a report says besides the outcome. */
export interface ReportContext extends Reckoned {
  readonly command: Report["command"];
  readonly digestVersion: number;
  /** `Store.name` of each side. */
  readonly source: string;
  readonly destination: string;
  readonly settings: Pick<RunSettings, "deletes" | "conflicts" | "seed" | "tables">;
  /** What a live move was asked for. */
  readonly sync?: Pick<SyncSettings, "phase" | "lateConflicts">;
  readonly throughput: readonly ThroughputPoint[];
  /** Values of differing properties too; otherwise names and types only. */
  readonly showValues: boolean;
}

const DIGEST_HEX_DIGITS = 32;

/** `v1:00ab...`: the encoding's version and 32 hex digits. */
export function formatDigest(digest: Digest, version: number): string {
  return `v${version}:${digest.toString(16).padStart(DIGEST_HEX_DIGITS, "0")}`;
}

function typedOf(typed: TypedText, showValues: boolean): { readonly type: string; readonly value?: string } {
  return showValues ? { type: typed.type, value: typed.value } : { type: typed.type };
}

/** A property as reports show it: its values stay out unless the user asked for them. */
export function propertyOf(property: PropertyDifference, showValues: boolean): ReportProperty {
  const { name, source, destination } = property;
  return {
    name,
    ...(source && { source: typedOf(source, showValues) }),
    ...(destination && { destination: typedOf(destination, showValues) }),
  };
}

export function sampleOf(difference: Difference, showValues: boolean): ReportSample {
  return {
    class: difference.class,
    partitionKey: difference.partitionKey,
    rowKey: difference.rowKey,
    properties: difference.properties.map((property) => propertyOf(property, showValues)),
    ...(difference.reason !== undefined && { reason: difference.reason }),
  };
}

/** Below `full`, values were not read: there is no digest to tell, whatever a sum over nothing came to. */
function sideOf(side: SideSummary, level: ProofLevel, version: number): ReportTable["source"] {
  const told = level === "full" && side.digest !== undefined;
  return { count: side.count, ...(told && { digest: formatDigest(side.digest, version) }) };
}

function tableOf(table: TableOutcome, level: ProofLevel, context: ReportContext): ReportTable {
  return {
    table: table.table,
    destinationTable: table.destinationTable,
    verdict: table.verdict,
    source: sideOf(table.source, level, context.digestVersion),
    destination: sideOf(table.destination, level, context.digestVersion),
    missing: table.missing,
    extra: table.extra,
    different: table.different,
    inFlight: table.inFlight,
    conflicts: table.conflicts,
    written: table.written,
    unchanged: table.unchanged,
    deleted: table.deleted,
    skipped: table.skipped.map(({ reason, count }) => ({ reason, count })),
    samples: table.samples.map((sample) => sampleOf(sample, context.showValues)),
    ...(table.sampled !== undefined && { sampled: table.sampled }),
    durationMs: Math.round(table.durationMs),
    entitiesPerSecond: Math.round(table.entitiesPerSecond),
    ...(table.error && { error: { code: table.error.code, message: table.error.message } }),
    ...(table.sync && { sync: syncOf(table.sync) }),
  };
}

function syncOf(sync: SyncOutcome): ReportSync {
  const { phase, movedFrom, work, watermarkMs, lagMs, evidence, notes } = sync;
  const { changed, backfilled, lateApplied, lateConflicts } = sync;
  return {
    phase,
    ...(movedFrom !== undefined && movedFrom !== "done" && { movedFrom }),
    work,
    ...(watermarkMs !== undefined && { watermark: new Date(watermarkMs).toISOString() }),
    ...(lagMs !== undefined && { lagMs: Math.round(lagMs) }),
    changed,
    backfilled,
    lateApplied,
    lateConflicts,
    ...(evidence && { evidence: { ...evidence, quietMs: Math.round(evidence.quietMs) } }),
    notes: [...notes],
  };
}

function settingsOf({ settings, sync }: ReportContext): Report["settings"] {
  return {
    deletes: settings.deletes,
    conflicts: settings.conflicts,
    ...(sync && { phase: sync.phase, lateConflicts: sync.lateConflicts }),
    tables: settings.tables.map(({ table, mode, filter, renames }) => ({
      table,
      mode,
      ...(filter !== undefined && { filter }),
      renames: [...renames].map(([from, to]) => ({ from, to })),
    })),
  };
}

/** The sealed report of a run. */
export function reportFromOutcome(outcome: RunOutcome, context: ReportContext): Report {
  return seal({
    schemaVersion: SCHEMA_VERSION,
    runId: outcome.runId,
    command: context.command,
    verdict: outcome.verdict,
    level: outcome.level,
    dryRun: outcome.dryRun,
    stopped: outcome.stopped,
    startedAt: new Date(outcome.startedAtMs).toISOString(),
    finishedAt: new Date(outcome.finishedAtMs).toISOString(),
    digestVersion: context.digestVersion,
    source: context.source,
    destination: context.destination,
    settings: settingsOf(context),
    ...(outcome.level === "sample" && { seed: context.settings.seed }),
    tables: outcome.tables.map((table) => tableOf(table, outcome.level, context)),
    throughput: [...context.throughput],
    ...(context.estimate && { estimate: context.estimate }),
    ...(context.used && { used: context.used }),
    ...(context.cost && { cost: context.cost }),
  });
}
