import { OperationalError } from "./errors";
import type { RunContext } from "./context";
import { eachTable, operational, runOutcome } from "./eachTable";
import type { RunOutcome, TableOutcome } from "./outcome";
import { withRetry } from "./retry";
import { newRun, type Run } from "./run";
import type { RunSettings, TableSettings } from "./settings";
import { tableOutcome } from "./tableOutcome";
import { TableTally } from "./tally";
import { verifyTable } from "./verifyTable";
import type { Sides } from "./verifyingTable";

/**
 * Compares source and destination at the level asked for. Writes nothing, takes no lease, needs no journal.
 */
export async function verifyTables(context: RunContext, settings: RunSettings): Promise<RunOutcome> {
  const run = newRun(context, settings, context.signal);
  const startedAtMs = context.clock.now();
  run.meter.begin("verify", undefined);
  const tables = await eachTable(settings.tables, (one) => verifyOne(run, one));
  return runOutcome(run, startedAtMs, tables, false);
}

async function verifyOne(run: Run, settings: TableSettings): Promise<TableOutcome> {
  const { clock, difference, destination } = run.context;
  const startedAtMs = clock.now();
  const tally = new TableTally(settings, difference);
  run.meter.startTable(settings.table, tally);
  const sides = await operational<Sides>(async () => {
    const exists = await withRetry(run.writing, () => destination.tableExists(settings.destinationTable));
    return verifyTable({ run, settings, tally, destinationExists: exists });
  });
  run.meter.finishTable(settings.table);
  const durationMs = clock.now() - startedAtMs;
  const result = sides instanceof OperationalError ? { error: sides } : { sides };
  return tableOutcome({ settings, verified: tally, durationMs, ...result }, run.settings);
}
