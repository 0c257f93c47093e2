import type { Pair } from "./merge";
import type { Row } from "./row";
import type { Run } from "./run";
import { scanPages } from "./scan";
import type { TableSettings } from "./settings";
import { throwIfStopped } from "./stop";
import { together } from "./together";
import type { Page } from "./store";

/** A table on both sides, to be read from end to end. */
export interface TwoSided {
  readonly run: Run;
  readonly settings: TableSettings;
  /** A destination table that is not there holds no rows. */
  readonly destinationExists: boolean;
}

/** Hears a page's rows, in whatever order, as the side holds them: nothing is renamed yet. */
export type SideVisitor = (side: keyof Pair, rows: readonly Row[]) => Promise<void> | undefined;

/**
 * Reads both sides at once, each from its beginning to its end. Where one fails, the other ends at its next page.
 * Memory: a page and a page ahead per side.
 */
export async function readBothSides(sides: TwoSided, keysOnly: boolean, visit: SideVisitor): Promise<void> {
  const { run, settings, destinationExists } = sides;
  const { source, destination } = run.context;
  const filter = settings.filter === undefined ? {} : { filter: settings.filter };
  let failed = false;
  const read = async (side: keyof Pair, pages: AsyncGenerator<Page>) => {
    try {
      for await (const { rows } of pages) {
        throwIfStopped(run.signal);
        if (failed) return;
        await visit(side, rows);
        run.meter.tick();
      }
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  const scans = [read("source", scanPages(run.reading, source, settings.table, { keysOnly, ...filter }))];
  if (destinationExists) {
    const pages = scanPages(run.writing, destination, settings.destinationTable, { keysOnly });
    scans.push(read("destination", pages));
  }
  await together(scans);
}
