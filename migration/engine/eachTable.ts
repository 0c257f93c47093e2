import { OperationalError } from "./errors";
import type { RunOutcome, TableOutcome } from "./outcome";
import { RANGES_AT_ONCE_MAX } from "./rangeSlots";
import type { Run } from "./run";
import { runVerdict } from "./tableOutcome";

/** Tables worked on at once, as many as there is room for ranges. Requests in all are bounded by the gates. */
export const TABLES_AT_ONCE_MAX = RANGES_AT_ONCE_MAX;

/**
 * Works on every table, several at once, begun in the order of `begun`. One that fails does not hold up the others: its
 * outcome says so.
 * A defect (anything but an operational error) ends the run once what is under way is over.
 */
export async function eachTable<Table, T>(
  tables: readonly Table[],
  work: (table: Table) => Promise<T>,
  begun: readonly Table[] = tables,
): Promise<readonly T[]> {
  const results = new Map<Table, T>();
  const queue = [...begun];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results.set(next, await work(next));
  };
  const workers = Array.from({ length: Math.min(TABLES_AT_ONCE_MAX, queue.length) }, worker);
  const settled = await Promise.allSettled(workers);
  const defect = settled.find((one) => one.status === "rejected");
  if (defect) throw defect.reason;
  return tables.map((table) => results.get(table) as T);
}

/** Runs `work`; an operational error is a result, a defect is not. */
export async function operational<T>(work: () => Promise<T>): Promise<T | OperationalError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OperationalError) return error;
    throw error;
  }
}

export function runOutcome(
  run: Run,
  startedAtMs: number,
  tables: readonly TableOutcome[],
  began: boolean,
): RunOutcome {
  return {
    runId: run.context.runId,
    verdict: runVerdict(tables),
    level: run.settings.level,
    startedAtMs,
    finishedAtMs: run.context.clock.now(),
    dryRun: run.settings.dryRun,
    began,
    stopped: tables.some(({ error }) => error?.code === "Stopped"),
    tables,
  };
}
