import { withRetry } from "./retry";
import type { Row } from "./row";
import type { Run } from "./run";
import type { Store } from "./store";
import type { VerifyingTable } from "./verifyingTable";

/** A full second of a server's clock. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly ms: number;
  /** ISO 8601, UTC. */
  readonly text: string;
}

/** From when on a row counts as changed while it was being verified; by each server's own clock. */
export interface QuietSince {
  readonly source: Moment;
  readonly destination: Moment;
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
    return momentAt(Math.floor(page.serverTimeMs / 1_000) * 1_000 + 1_000);
  };
  const [ofSource, ofDestination] = await Promise.all([
    timeOf(source, settings.table, run.reading),
    destinationExists ? timeOf(destination, settings.destinationTable, run.writing) : NEVER,
  ]);
  await clock.sleep(1_000, run.signal);
  return { source: ofSource, destination: ofDestination };
}

function momentAt(ms: number): Moment {
  return { ms, text: new Date(ms).toISOString() };
}

/** Of a table that is not there: nothing in it is later. */
const NEVER = momentAt(Date.UTC(9999, 11, 31));

/** `2026-01-01T00:00:00`: what all times of a service begin with, whatever fraction follows. */
const SECONDS_CHARS = 19;
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/** Unreadable times count as changed: unknown is never success. */
export function changedSince(row: Row | undefined, bound: Moment): boolean {
  if (!row) return false;
  const { modified } = row;
  // The order of such texts is that of time, and parsing every row's would take longer than comparing the row.
  if (ISO_TIME.test(modified)) return modified.slice(0, SECONDS_CHARS) >= bound.text.slice(0, SECONDS_CHARS);
  const modifiedMs = Date.parse(modified);
  return Number.isNaN(modifiedMs) || modifiedMs >= bound.ms;
}
