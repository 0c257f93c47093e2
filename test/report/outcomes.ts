import type { Difference, RunOutcome, TableOutcome } from "../../migration/engine/outcome";
import type { RunSettings } from "../../migration/engine/settings";
import { reportFromOutcome } from "../../migration/report/fromOutcome";
import type { ReportContext } from "../../migration/report/fromOutcome";
import type { Report, ThroughputPoint } from "../../migration/report/schema";

/** An equal table, and what the test wants otherwise. */
export function tableOutcome(changes: Partial<TableOutcome> = {}): TableOutcome {
  const table = changes.table ?? "Cities";
  return {
    table,
    destinationTable: table,
    verdict: "equal",
    source: { count: 24_293, digest: 0x1234_5678_9abcn },
    destination: { count: 24_293, digest: 0x1234_5678_9abcn },
    missing: 0,
    extra: 0,
    different: 0,
    inFlight: 0,
    conflicts: 0,
    written: 24_293,
    unchanged: 0,
    deleted: 0,
    skipped: [],
    samples: [],
    durationMs: 5_400,
    entitiesPerSecond: 4_498.7,
    ...changes,
  };
}

export function runOutcome(changes: Partial<RunOutcome> = {}): RunOutcome {
  return {
    runId: "0d4c1a5e-95b0-4f0e-9f6a-6a5f9d1c2b3e",
    verdict: "equal",
    level: "full",
    startedAtMs: Date.UTC(2026, 0, 31, 9, 5, 7),
    finishedAtMs: Date.UTC(2026, 0, 31, 9, 5, 21),
    dryRun: false,
    began: true,
    stopped: false,
    tables: [tableOutcome()],
    ...changes,
  };
}

export function difference(changes: Partial<Difference> = {}): Difference {
  return {
    class: "different",
    table: "Cities",
    destinationTable: "Cities",
    partitionKey: "DE",
    rowKey: "2950159",
    properties: [
      {
        name: "population",
        source: { type: "Edm.Int64", value: "3426354" },
        destination: { type: "Edm.Int32", value: "3426354" },
      },
    ],
    ...changes,
  };
}

export interface ReportChanges {
  readonly outcome?: Partial<RunOutcome>;
  readonly settings?: Partial<RunSettings>;
  readonly context?: Partial<ReportContext>;
  readonly throughput?: readonly ThroughputPoint[];
}

/** A sealed report, made the way runs make theirs. */
export function reportOf({ outcome = {}, settings = {}, context = {}, throughput = [] }: ReportChanges = {}): Report {
  const run = runOutcome(outcome);
  const tables = run.tables.map(({ table, destinationTable }) => ({
    table, destinationTable, renames: new Map<string, string>(), mode: "replace" as const,
  }));
  return reportFromOutcome(run, {
    command: "copy",
    digestVersion: 1,
    source: "account contoso (https://contoso.table.core.windows.net)",
    destination: "account fabrikam (https://fabrikam.table.core.windows.net)",
    settings: { deletes: "report", conflicts: "refuse", seed: 7, tables, ...settings },
    throughput,
    showValues: false,
    ...context,
  });
}
