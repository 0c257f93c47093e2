import { withRetry } from "./retry";
import type { Row } from "./row";
import type { Run } from "./run";
import type { Store } from "./store";
import type { VerifyingTable } from "./verifyingTable";

/** From when on a row counts as changed while it was being verified; by each server's own clock. */
export interface QuietSince {
  readonly sourceMs: number;
  readonly destinationMs: number;
}

/**
 * A server tells its clock in whole seconds (HTTP Date), a row its change in fractions. To be sure that everything
 * stamped before the bound was written before the first page is read, the bound is the next full second, and reading
 * begins once that second has come.
 */
export async function awaitQuietSince({ run, settings, destinationExists }: VerifyingTable): Promise<QuietSince> {
  const { source, destination, clock } = run.context;
  const timeOf = async (store: Store, name: string, retrying: Run["reading"]) => {
    const page = await withRetry(retrying, () => store.readPage(name, { rowsMax: 1, keysOnly: true }));
    return Math.floor(page.serverTimeMs / 1_000) * 1_000 + 1_000;
  };
  const [sourceMs, destinationMs] = await Promise.all([
    timeOf(source, settings.table, run.reading),
    destinationExists ? timeOf(destination, settings.destinationTable, run.writing) : Infinity,
  ]);
  await clock.sleep(1_000, run.signal);
  return { sourceMs, destinationMs };
}

/** Unreadable times count as changed: unknown is never success. */
export function changedSince(row: Row | undefined, boundMs: number): boolean {
  if (!row) return false;
  const modifiedMs = Date.parse(row.modified);
  return Number.isNaN(modifiedMs) || modifiedMs >= boundMs;
}
