import type { Acknowledgements, Boundary } from "./acknowledge";
import { OperationalError } from "./errors";
import { explore, spread } from "./explore";
import type { MigrationKey } from "./journal";
import { type FirstAfter, keysBetween } from "./keysBetween";
import type { RangeProgress } from "./rangeProgress";
import type { RangeScan } from "./rangeScan";
import { type Retrying, withRetry } from "./retry";
import { compareKeys, type RowKey } from "./row";
import type { Run } from "./run";
import type { RecordedSegments } from "./segments";
import type { Store } from "./store";

/** Pages without a row that are followed before a question counts as unanswered. */
const EMPTY_PAGES_MAX = 8;

/** A range that gets less than this many sequences is not made: its segments could not be cut further. */
const SEQUENCES_MIN = 2 ** 20;

/** Asks a table for the first key behind another. What the service does not answer leaves a range undivided. */
export function firstAfterIn(retrying: Retrying, store: Store, table: string): FirstAfter {
  return async (after) => {
    const request = { range: { after }, keysOnly: true, rowsMax: 1 };
    try {
      let page = await withRetry(retrying, () => store.readPage(table, request));
      for (let empty = 0; page.rows.length === 0 && page.next && empty < EMPTY_PAGES_MAX; empty += 1) {
        const { next: continuation } = page;
        page = await withRetry(retrying, () => store.readPage(table, { ...request, continuation }));
      }
      return page.rows[0];
    } catch (error) {
      // A service that does not take such a text as a key: one range does as well, only slower.
      if (error instanceof OperationalError && error.status === 400) return undefined;
      throw error;
    }
  };
}

/** Keys at which what a scan has still before it may be divided: ones that it has not reached yet. */
export async function boundaryKeys(scan: RangeScan, firstAfter: FirstAfter, count: number): Promise<readonly RowKey[]> {
  const { frontier, upTo } = scan;
  if (!frontier) return [];
  return notReached(scan, await keysBetween(firstAfter, frontier, upTo, count), (key) => key);
}

/** The scan went on while others were asked. */
function notReached<T>(scan: RangeScan, found: readonly T[], keyOf: (one: T) => RowKey): readonly T[] {
  const { frontier, upTo } = scan;
  return scan.finished ? [] : found.filter((one) => {
    const key = keyOf(one);
    return (!frontier || compareKeys(key, frontier) > 0) && (!upTo || compareKeys(key, upTo) < 0);
  });
}

export interface CopyRange {
  readonly progress: RangeProgress;
  readonly scan: RangeScan;
  readonly recorded: RecordedSegments;
}

interface DividingTable {
  readonly run: Run;
  readonly table: string;
  readonly migration: MigrationKey;
  readonly acknowledgements: Acknowledgements;
}

/**
 * Divides what a range has still before it, and gives back what was taken off its end. Where earlier passes left
 * segments, ranges end where segments do: receipts stay with their rows. Only behind the last of them is the source
 * asked for keys.
 */
export async function divideRange(
  dividing: DividingTable,
  range: CopyRange,
  wanted: number,
): Promise<readonly RangeProgress[]> {
  const count = Math.min(wanted, dividing.acknowledgements.room);
  if (count <= 0) return [];
  const { current } = range.recorded;
  const find = current ? recordedBoundaries : newBoundaries;
  const boundaries = await find(dividing, range, count);
  const [first] = boundaries;
  if (!first) return [];
  // Nothing is awaited from here on: the scan and the record are divided in one step.
  range.scan.endAt(first.key);
  return dividing.acknowledgements.divide(range.progress, boundaries);
}

async function recordedBoundaries(
  { run, migration }: DividingTable,
  { scan, recorded, progress }: CopyRange,
  count: number,
): Promise<readonly Boundary[]> {
  const { journal } = run.context;
  const { endSequence } = progress;
  const ask = async (sequence: number) => {
    const [segment] = await withRetry(run.writing, () => journal.readSegments(migration, sequence - 1, 1));
    return segment && segment.sequence < endSequence
      ? { at: segment.sequence, value: { key: segment.upTo, sequence: segment.sequence } }
      : undefined;
  };
  const found = await explore(recorded.current?.sequence ?? progress.lastSequence, endSequence, 2 * count, ask);
  const ahead = notReached(scan, found.map(({ value }) => value), ({ key }) => key);
  return spread(ahead.filter(({ sequence }) => sequence > progress.lastSequence), count);
}

async function newBoundaries(
  { run, table }: DividingTable,
  { scan, recorded, progress }: CopyRange,
  count: number,
): Promise<readonly Boundary[]> {
  const keys = await boundaryKeys(scan, firstAfterIn(run.reading, run.context.source, table), count);
  const { lastSequence, endSequence } = progress;
  const share = Math.floor((endSequence - lastSequence) / (keys.length + 1));
  if (recorded.current || share < SEQUENCES_MIN) return [];
  return keys.map((key, at) => ({ key, sequence: lastSequence + share * (at + 1) }));
}
