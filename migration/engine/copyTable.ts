import { Acknowledgements } from "./acknowledge";
import { copySegment, type CopyingTable, countSegment } from "./copySegment";
import type { MigrationKey, TableRecord } from "./journal";
import { mergeByKey } from "./merge";
import { withRetry } from "./retry";
import type { KeyRange } from "./store";
import { emptyStream, RowStream, scanPages } from "./scan";
import { cutSegments, RecordedSegments, type Segment } from "./segments";
import type { TableSettings } from "./settings";
import { stopReason, throwIfStopped } from "./stop";
import { renamedPages } from "./transform";

/** Segments of one table under way at once: bounds memory, and what a restart may have to read again. */
const SEGMENTS_IN_FLIGHT_MAX = 4;

export function migrationOf({ run, settings }: CopyingTable): MigrationKey {
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
    sequence: 0,
    mapping,
    ...(last?.rows === undefined ? {} : { rows: last.rows }),
  };
}

/**
 * One converging pass over a table: reads both sides in order, writes what differs, journals what was acknowledged.
 * Goes on where an interrupted pass stopped; `resumed` says so. `fresh`: the destination table was created just now.
 */
export async function copyTable(copying: CopyingTable, fresh: boolean): Promise<{ readonly resumed: boolean }> {
  const { run, settings, tally } = copying;
  const { journal } = run.context;
  const migration = migrationOf(copying);
  const record = nextRecord(settings, await withRetry(run.writing, () => journal.readTable(migration)), fresh);
  const resumed = record.position !== undefined;
  const acknowledgements = new Acknowledgements(run, migration, record);
  await acknowledgements.begin();
  tally.startPass();
  const segments = openSegments(copying, record, !fresh);
  const underWay = new Set<Promise<void>>();
  try {
    for await (const segment of segments.cut) {
      throwIfStopped(run.signal);
      acknowledgements.expect(segment);
      const work = copySegment(copying, segment, acknowledgements);
      // Heard below; marked as handled so that two failing at once do not end the process.
      work.catch(() => undefined);
      underWay.add(work);
      void work.then(() => underWay.delete(work), () => undefined);
      if (underWay.size >= SEGMENTS_IN_FLIGHT_MAX) await Promise.race(underWay);
    }
    await Promise.all(underWay);
    throwIfStopped(run.signal);
  } catch (error) {
    await Promise.allSettled(underWay);
    throw run.signal.aborted ? stopReason(run.signal) : error;
  } finally {
    await segments.close();
  }
  if (!resumed) await acknowledgements.finish(tally.rows);
  else await acknowledgements.finish(record.rows ?? tally.rows);
  return { resumed };
}

/** Counts what a copy would do. Reads both sides and the journal, writes nothing. */
export async function planTable(copying: CopyingTable, destinationExists: boolean): Promise<void> {
  const { run, settings } = copying;
  const segments = openSegments(copying, nextRecord(settings, undefined, true), destinationExists);
  try {
    for await (const segment of segments.cut) {
      throwIfStopped(run.signal);
      await countSegment(copying, segment);
    }
  } catch (error) {
    throw run.signal.aborted ? stopReason(run.signal) : error;
  } finally {
    await segments.close();
  }
}

interface OpenSegments {
  readonly cut: AsyncGenerator<Segment>;
  close(): Promise<void>;
}

function openSegments(copying: CopyingTable, record: TableRecord, readDestination: boolean): OpenSegments {
  const { run, settings } = copying;
  const { source, destination, journal } = run.context;
  const range: KeyRange = record.position ? { after: record.position } : {};
  const request = { range, ...(settings.filter === undefined ? {} : { filter: settings.filter }) };
  const left = new RowStream(renamedPages(copying, scanPages(run.reading, source, settings.table, request)));
  const right = readDestination
    ? new RowStream(scanPages(run.writing, destination, settings.destinationTable, { range }))
    : emptyStream();
  const migration = migrationOf(copying);
  const read = (after: number) => withRetry(run.writing, () => journal.readSegments(migration, after));
  const pairs = mergeByKey(left, right);
  const cut = cutSegments(pairs, new RecordedSegments(read, record.sequence), record.sequence);
  const close = async () => {
    await cut.return(undefined);
    await left.close();
    await right.close();
  };
  return { cut, close };
}
