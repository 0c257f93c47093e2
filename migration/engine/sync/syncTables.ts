import type { RunContext } from "../context";
import { mappingOf, migrationOf } from "../copyTable";
import { eachTable, operational, runOutcome } from "../eachTable";
import { OperationalError } from "../errors";
import { Leases } from "../leases";
import type { RunOutcome, TableOutcome } from "../outcome";
import { CREATE_RETRY, withRetry } from "../retry";
import { newRun, type Run } from "../run";
import type { RunSettings, TableSettings } from "../settings";
import { tableOutcome } from "../tableOutcome";
import { TableTally } from "../tally";
import { checkMove } from "./phase";
import type { SyncOutcome } from "./syncOutcome";
import type { SyncSettings } from "./syncSettings";
import { syncTable } from "./syncTable";

/** Somebody has to decide first: the same command would end in the same way again and again. */
const DECISIONS: ReadonlySet<string> = new Set([
  "SwitchRefused", "DrainRefused", "SourceEmptied", "DestinationTableLost",
]);

/**
 * One run of a live move: moves every table on to the phase that is asked for, or does that phase's work again.
 *
 * Throws OperationalError while nothing has been written yet: `PhaseMove` where the journal knows another phase of any
 * table, and what `copyTables` throws. From then on failures are data, table by table.
 */
export async function syncTables(context: RunContext, settings: RunSettings, sync: SyncSettings): Promise<RunOutcome> {
  const end = new AbortController();
  const unproven: RunSettings = { ...settings, level: "none", dryRun: false };
  const run = newRun(context, unproven, AbortSignal.any([context.signal, end.signal]));
  const startedAtMs = context.clock.now();
  // One table in another phase holds up all of them: half of an application does not move.
  await checkMoves(run, sync);
  await withRetry(run.writing, () => context.journal.open(), CREATE_RETRY);
  const leases = new Leases(run, end);
  try {
    await leases.acquire(settings.tables.map(({ destinationTable }) => destinationTable));
    // Another run may have moved them while this one waited.
    await checkMoves(run, sync);
    run.meter.begin("copy", undefined);
    const tables = await eachTable(settings.tables, (one) => syncOne(run, one, sync));
    return runOutcome(run, startedAtMs, tables, true);
  } finally {
    await leases.release();
  }
}

async function checkMoves(run: Run, sync: SyncSettings): Promise<void> {
  const { journal } = run.context;
  const checked = await eachTable(run.settings.tables, (settings) =>
    operational(async () => {
      const record = await withRetry(run.writing, () => journal.readTable(migrationOf({ run, settings })));
      checkMove(record, sync.phase, mappingOf(settings), settings);
    }),
  );
  const refused = checked.find((one) => one instanceof OperationalError);
  if (refused) throw refused;
}

async function syncOne(run: Run, settings: TableSettings, sync: SyncSettings): Promise<TableOutcome> {
  const { clock, destination, source, difference } = run.context;
  const startedAtMs = clock.now();
  const tally = new TableTally(settings, difference);
  const numbers = { changed: 0, backfilled: 0, lateApplied: 0, lateConflicts: 0 };
  run.meter.startTable(settings.table, tally);
  const result = await operational<SyncOutcome>(async () => {
    const syncing = { run, settings, tally, sync, numbers };
    // The journal alone tells it: the old table may be deleted by now, and its access gone.
    if (sync.phase === "done") return syncTable(syncing, false);
    // The table that is read decides first: a destination is not created for a source that is not there.
    await withRetry(run.reading, () => source.readPage(settings.table, { rowsMax: 1, keysOnly: true }));
    const { destinationTable } = settings;
    if (sync.phase !== "sync") {
      const exists = await withRetry(run.writing, () => destination.tableExists(destinationTable));
      return syncTable(syncing, !exists);
    }
    const created = await withRetry(run.writing, () => destination.createTable(destinationTable), CREATE_RETRY);
    return syncTable(syncing, created === "created");
  });
  run.meter.finishTable(settings.table);
  const durationMs = clock.now() - startedAtMs;
  if (result instanceof OperationalError) {
    const facts = { settings, copied: tally, durationMs, copyMs: durationMs, error: result };
    const outcome = tableOutcome(facts, run.settings);
    return DECISIONS.has(result.code) ? { ...outcome, verdict: "different" } : outcome;
  }
  const outcome = tableOutcome({ settings, copied: tally, durationMs, copyMs: durationMs }, run.settings);
  const wrong = tally.different + tally.extra > 0 || !tally.isSettled;
  return { ...outcome, verdict: wrong ? "different" : "synced", sync: result };
}
