import type { RunContext } from "./context";
import { copyTable, migrationOf, planTable } from "./copyTable";
import { eachTable, operational, runOutcome, TABLES_AT_ONCE_MAX } from "./eachTable";
import { OperationalError } from "./errors";
import type { TableRecord } from "./journal";
import { Leases } from "./leases";
import type { RunOutcome, TableOutcome } from "./outcome";
import { CREATE_RETRY, withRetry } from "./retry";
import { newRun, type Run } from "./run";
import type { RunSettings, TableSettings } from "./settings";
import { refuseCopyAfterSwitch } from "./sync/phase";
import { type TableFacts, tableOutcome } from "./tableOutcome";
import { TableTally } from "./tally";
import { verifyTable } from "./verifyTable";
import type { Sides } from "./verifyingTable";

/**
 * Makes the destination match the source, and proves it: takes the leases, creates missing tables, runs a converging
 * pass over each, then verifies at the level asked for.
 *
 * Throws OperationalError while nothing has been written yet (`LeaseHeld`, an unreachable journal, ...). From then on
 * failures are data: the outcome says for each table how far it came.
 */
export async function copyTables(context: RunContext, settings: RunSettings): Promise<RunOutcome> {
  if (settings.dryRun) return planTables(context, settings);
  const end = new AbortController();
  const run = newRun(context, settings, AbortSignal.any([context.signal, end.signal]));
  const startedAtMs = context.clock.now();
  const records = await readRecords(run);
  refuseSwitched(records);
  await withRetry(run.writing, () => context.journal.open(), CREATE_RETRY);
  const leases = new Leases(run, end);
  try {
    await leases.acquire(settings.tables.map(({ destinationTable }) => destinationTable));
    run.meter.begin("copy", undefined);
    const copies = await eachTable(settings.tables, (one) => copyOne(run, one), largestFirst(records));
    if (settings.level === "none") {
      const unproven = await eachTable(copies, (one) => settleOne(run, one));
      return runOutcome(run, startedAtMs, unproven, true);
    }
    const rowsCopied = copies.reduce((sum, { facts }) => sum + (facts.copied?.rows ?? 0), 0);
    run.meter.begin("verify", rowsCopied);
    const byTable = new Map(copies.map((copy) => [copy.facts.settings, copy]));
    const rowsOf = (one: TableSettings) => byTable.get(one)?.facts.copied?.rows ?? 0;
    const bySize = [...settings.tables].sort((a, b) => rowsOf(b) - rowsOf(a));
    const tables = await eachTable(settings.tables, (one) => proveOne(run, byTable.get(one) as Copied), bySize);
    return runOutcome(run, startedAtMs, tables, true);
  } finally {
    await leases.release();
  }
}

type ReadRecord = TableRecord | undefined | OperationalError;

/** What the journal knows of each table. What cannot be read now is said when the table's turn has come. */
async function readRecords(run: Run): Promise<ReadonlyMap<TableSettings, ReadRecord>> {
  const { tables } = run.settings;
  const records = await eachTable(tables, (settings) =>
    operational(() => withRetry(run.writing, () => run.context.journal.readTable(migrationOf({ run, settings })))),
  );
  return new Map(tables.map((settings, at) => [settings, records[at]]));
}

/** One table whose destination is the application's by now holds up all of them, before anything is written. */
function refuseSwitched(records: ReadonlyMap<TableSettings, ReadRecord>): void {
  for (const [settings, record] of records) {
    if (!(record instanceof OperationalError)) refuseCopyAfterSwitch(record, settings);
  }
}

/** What takes longest begins first, as far as an earlier run counted; what nobody counted may be large. */
function largestFirst(records: ReadonlyMap<TableSettings, ReadRecord>): readonly TableSettings[] {
  if (records.size <= TABLES_AT_ONCE_MAX) return [...records.keys()];
  const rows = (record: ReadRecord): number =>
    (record instanceof OperationalError ? undefined : record?.rows) ?? Number.MAX_SAFE_INTEGER;
  return [...records].sort(([, a], [, b]) => rows(b) - rows(a)).map(([settings]) => settings);
}

interface Copied {
  readonly facts: Omit<TableFacts, "durationMs" | "copyMs">;
  readonly resumed: boolean;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
}

async function copyOne(run: Run, settings: TableSettings): Promise<Copied> {
  const { clock, destination, difference } = run.context;
  const startedAtMs = clock.now();
  const copied = new TableTally(settings, difference);
  run.meter.startTable(settings.table, copied);
  const result = await operational(async () => {
    // The table that is read decides first: a destination is not created for a source that is not there.
    await withRetry(run.reading, () => run.context.source.readPage(settings.table, { rowsMax: 1, keysOnly: true }));
    const create = () => destination.createTable(settings.destinationTable);
    const created = await withRetry(run.writing, create, CREATE_RETRY);
    return copyTable({ run, settings, tally: copied }, created === "created");
  });
  run.meter.finishTable(settings.table);
  const failed = result instanceof OperationalError;
  return {
    facts: { settings, copied, ...(failed ? { error: result } : {}) },
    resumed: !failed && result.resumed,
    startedAtMs,
    finishedAtMs: clock.now(),
  };
}

/** A copy that others prove. An interrupted pass was gone on with: another looks for what changed behind that point. */
async function settleOne(run: Run, copy: Copied): Promise<TableOutcome> {
  const { settings, copied } = copy.facts;
  const startedAtMs = run.context.clock.now();
  const again = copy.resumed
    ? await operational(() => copyTable({ run, settings, tally: copied as TableTally }, false))
    : undefined;
  const error = again instanceof OperationalError ? again : copy.facts.error;
  const durationMs = copy.finishedAtMs - copy.startedAtMs + (run.context.clock.now() - startedAtMs);
  return tableOutcome({ ...copy.facts, durationMs, copyMs: durationMs, ...(error ? { error } : {}) }, run.settings);
}

async function proveOne(run: Run, copy: Copied): Promise<TableOutcome> {
  const { settings } = copy.facts;
  const { clock, difference } = run.context;
  const startedAtMs = clock.now();
  const copyMs = copy.finishedAtMs - copy.startedAtMs;
  if (copy.facts.error) return tableOutcome({ ...copy.facts, durationMs: copyMs, copyMs }, run.settings);
  const known = copy.facts.copied as TableTally;
  let verified = new TableTally(settings, difference);
  run.meter.startTable(settings.table, verified);
  const sides = await operational<Sides>(async () => {
    const verify = (tally: TableTally) => verifyTable({ run, settings, tally, known, destinationExists: true });
    if (!copy.resumed) return verify(verified);
    // An interrupted pass went on where it had stopped. What changed behind that point meanwhile is looked for
    // before anything is said, and copied by a pass of its own. Less than a full look would not show it: then the
    // pass itself is the look.
    if (run.settings.level !== "full") {
      await copyTable({ run, settings, tally: known }, false);
      return verify(verified);
    }
    const quiet = new TableTally(settings, () => undefined);
    const first = await verify(quiet);
    if (quiet.differences + quiet.inFlight === 0) {
      verified = quiet;
      return first;
    }
    const deletable = run.settings.deletes === "propagate" ? quiet.extra : 0;
    if (quiet.missing + quiet.different + deletable > 0) await copyTable({ run, settings, tally: known }, false);
    return verify(verified);
  });
  run.meter.finishTable(settings.table);
  const durationMs = copyMs + (clock.now() - startedAtMs);
  const result = sides instanceof OperationalError ? { error: sides } : { sides };
  return tableOutcome({ ...copy.facts, verified, durationMs, copyMs, ...result }, run.settings);
}

/** A dry run: what a copy would do, row by row, without writing anything, the journal included. */
async function planTables(context: RunContext, settings: RunSettings): Promise<RunOutcome> {
  const run = newRun(context, settings, context.signal);
  const startedAtMs = context.clock.now();
  run.meter.begin("copy", undefined);
  const tables = await eachTable(settings.tables, async (one) => {
    const tableStartedAtMs = context.clock.now();
    const copied = new TableTally(one, context.difference);
    run.meter.startTable(one.table, copied);
    const result = await operational(async () => {
      const exists = await withRetry(run.writing, () => context.destination.tableExists(one.destinationTable));
      await planTable({ run, settings: one, tally: copied }, exists);
    });
    run.meter.finishTable(one.table);
    const durationMs = context.clock.now() - tableStartedAtMs;
    const failed = result instanceof OperationalError ? { error: result } : {};
    return tableOutcome({ settings: one, copied, durationMs, ...failed }, settings);
  });
  return runOutcome(run, startedAtMs, tables, false);
}
