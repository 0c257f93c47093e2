import { Acknowledgements } from "./acknowledge";
import { copySegment, type CopyingTable, countSegment } from "./copySegment";
import { type CopyRange, divideRange } from "./divideRange";
import { type MigrationKey, type TableRecord, WHOLE_TABLE } from "./journal";
import { RangePool } from "./rangePool";
import type { RangeProgress } from "./rangeProgress";
import { RangeScan } from "./rangeScan";
import { SEGMENTS_READ_AT_ONCE } from "./recordedSegments";
import { reconcileTable } from "./reconcileTable";
import { withRetry } from "./retry";
import type { KeyRange } from "./store";
import { emptyStream, RowStream, scanPages } from "./scan";
import { cutSegments, RecordedSegments } from "./segments";
import type { TableSettings } from "./settings";
import { stopReason, throwIfStopped } from "./stop";
import { refuseCopyAfterSwitch } from "./sync/phase";
import { renamedPages } from "./transform";

/**
 * Segments of one range under way at once: one is written while the next one is planned. At most one can be settled
 * without counting as acknowledged, so a restart reads a page's worth of acknowledged rows again in each range.
 */
const SEGMENTS_PER_RANGE_MAX = 2;

export function migrationOf({ run, settings }: Pick<CopyingTable, "run" | "settings">): MigrationKey {
  const { table, destinationTable } = settings;
  return { source: run.context.source.identity, table, destinationTable };
}

/** What decides how rows are mapped, as text: an open pass continues only under the same mapping. */
export function mappingOf(settings: TableSettings): string {
  return JSON.stringify([settings.mode, settings.filter ?? null, [...settings.renames].sort()]);
}

function nextRecord(settings: TableSettings, last: TableRecord | undefined, fresh: boolean): TableRecord {
  const mapping = mappingOf(settings);
  if (last && !last.complete && !fresh && last.mapping === mapping) return last;
  return {
    pass: (last?.pass ?? 0) + 1,
    complete: false,
    ranges: [WHOLE_TABLE],
    mapping,
    ...(last?.rows === undefined ? {} : { rows: last.rows }),
    ...(last?.sync === undefined ? {} : { sync: last.sync }),
  };
}

/**
 * One converging pass over a table: reads both sides in order, range by range, or by hash buckets where they have none;
 * writes what differs, journals what was acknowledged. In order it goes on where an interrupted pass stopped; `resumed`
 * says so. `fresh`: the destination table was created just now.
 */
export async function copyTable(copying: CopyingTable, fresh: boolean): Promise<{ readonly resumed: boolean }> {
  const { run, settings, tally } = copying;
  const migration = migrationOf(copying);
  const last = await withRetry(run.writing, () => run.context.journal.readTable(migration));
  refuseCopyAfterSwitch(last, settings);
  const { source, destination } = run.context;
  // A source without an order has no place to go on from. A destination without one is compared once it was copied to;
  // until then the source alone says what to write.
  const reconciles = !source.ordered || (!destination.ordered && last?.rows !== undefined && !fresh);
  const record = nextRecord(settings, last, fresh || reconciles);
  const resumed = record.ranges.some(({ position, complete }) => position !== undefined || complete);
  const acknowledgements = new Acknowledgements(run, migration, record);
  await acknowledgements.begin();
  tally.startPass();
  const reconciling = { run, settings, migration, copying, destinationExists: true };
  try {
    if (reconciles) await reconcileTable(reconciling);
    else await copyRanges(copying, acknowledgements, fresh);
    throwIfStopped(run.signal);
  } catch (error) {
    throw run.signal.aborted ? stopReason(run.signal) : error;
  }
  await acknowledgements.finish(resumed ? (record.rows ?? tally.rows) : tally.rows);
  // A destination that was not read may hold rows that the source does not have.
  const isBlind = !destination.ordered && !reconciles && !fresh;
  if (isBlind && run.settings.deletes === "propagate") await copyTable(copying, false);
  return { resumed };
}

/** A pass over ranges in order. A destination without an order is not read: what an insert meets there is. */
async function copyRanges(
  copying: CopyingTable,
  acknowledgements: Acknowledgements,
  fresh: boolean,
): Promise<void> {
  const { run, settings } = copying;
  const readDestination = !fresh && run.context.destination.ordered;
  const open = (progress: RangeProgress) => openRange(copying, progress, readDestination);
  const dividing = { run, table: settings.table, migration: migrationOf(copying), acknowledgements };
  const isBlind = !fresh && !readDestination;
  const pool: RangePool<CopyRange> = new RangePool({
    slots: run.slots,
    work: (range) => copyRange(copying, range, acknowledgements, pool, isBlind),
    divide: async (range, count) => (await divideRange(dividing, range, count)).map(open),
  });
  await pool.run(acknowledgements.open.map(open));
}

async function copyRange(
  copying: CopyingTable,
  range: CopyRange,
  acknowledgements: Acknowledgements,
  pool: RangePool<CopyRange>,
  isBlind: boolean,
): Promise<void> {
  const { run } = copying;
  const segments = cutSegments(pool.watched(range.scan.pairs()), range.recorded, range.progress, isBlind);
  const underWay = new Set<Promise<void>>();
  try {
    for await (const segment of segments) {
      throwIfStopped(run.signal);
      await run.inFlight.take(segment.bytes);
      range.progress.expect(segment);
      const work = copySegment(copying, segment, range.progress, acknowledgements).finally(() =>
        run.inFlight.give(segment.bytes),
      );
      // Heard below; marked as handled so that two failing at once do not end the process.
      work.catch(() => undefined);
      underWay.add(work);
      void work.then(() => underWay.delete(work), () => undefined);
      if (underWay.size >= SEGMENTS_PER_RANGE_MAX) await Promise.race(underWay);
    }
    await Promise.all(underWay);
    acknowledgements.finishRange(range.progress);
  } finally {
    await Promise.allSettled(underWay);
    await segments.return(undefined);
    await range.scan.close();
  }
}

/** Counts what a copy would do. Reads both sides and the journal, writes nothing. */
export async function planTable(copying: CopyingTable, destinationExists: boolean): Promise<void> {
  const { run, settings } = copying;
  const migration = migrationOf(copying);
  const last = await withRetry(run.writing, () => run.context.journal.readTable(migration));
  refuseCopyAfterSwitch(last, settings);
  const { source, destination } = run.context;
  if (!source.ordered || (!destination.ordered && destinationExists)) {
    return reconcileTable({ run, settings, migration, copying, destinationExists });
  }
  const acknowledgements = new Acknowledgements(run, migration, nextRecord(settings, undefined, true));
  const dividing = { run, table: settings.table, migration, acknowledgements };
  const open = (progress: RangeProgress) => openRange(copying, progress, destinationExists);
  const pool: RangePool<CopyRange> = new RangePool({
    slots: run.slots,
    work: (range) => planRange(copying, range, pool),
    divide: async (range, count) => (await divideRange(dividing, range, count)).map(open),
  });
  try {
    await pool.run(acknowledgements.open.map(open));
  } catch (error) {
    throw run.signal.aborted ? stopReason(run.signal) : error;
  }
}

async function planRange(copying: CopyingTable, range: CopyRange, pool: RangePool<CopyRange>): Promise<void> {
  const segments = cutSegments(pool.watched(range.scan.pairs()), range.recorded, range.progress);
  try {
    for await (const segment of segments) {
      throwIfStopped(copying.run.signal);
      await countSegment(copying, segment);
    }
  } finally {
    await segments.return(undefined);
    await range.scan.close();
  }
}

/** Opens both sides of a range where an earlier run left off, with what that run recorded behind that point. */
function openRange(copying: CopyingTable, progress: RangeProgress, readDestination: boolean): CopyRange {
  const { run, settings } = copying;
  const { source, destination, journal } = run.context;
  const { start: after, upTo } = progress;
  const range: KeyRange = { ...(after ? { after } : {}), ...(upTo ? { upTo } : {}) };
  const request = { range, ...(settings.filter === undefined ? {} : { filter: settings.filter }) };
  const left = new RowStream(renamedPages(copying, scanPages(run.reading, source, settings.table, request)));
  const right = readDestination
    ? new RowStream(scanPages(run.writing, destination, settings.destinationTable, { range }))
    : emptyStream();
  const migration = migrationOf(copying);
  const read = (sequence: number) =>
    withRetry(run.writing, () => journal.readSegments(migration, sequence, SEGMENTS_READ_AT_ONCE));
  const recorded = new RecordedSegments(read, progress);
  return { progress, recorded, scan: new RangeScan(after, upTo, left, right) };
}
