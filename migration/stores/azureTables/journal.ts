import { hash } from "node:crypto";

import { OperationalError } from "../../engine/errors";
import type { Journal, MigrationKey, SegmentRecord, TableRecord } from "../../engine/journal";
import { RECEIPT_BYTES } from "../../engine/receipts";
import type { Row, RowKey } from "../../engine/row";
import type { Store } from "../../engine/store";
import { type JournalEntity, journalUnreadable, readEntity, writeEntity } from "./journalEntity";
import { readRanges, writeRanges } from "./journalRanges";
import { type LeaseOptions, TableLeases } from "./journalLeases";
import { readAll, SegmentOrder } from "./journalOrder";
import { readSync, writeSync } from "./journalSync";
import { type JournalPut, JournalRows } from "./journalRows";

/** Segments asked for at once: about 2 MiB of receipts. */
const SEGMENTS_PER_PAGE = 100;

const TABLE_ROW = "table";
const SEGMENT_PREFIX = "segment-";

/** Above every segment's row key: digits sort below it. */
const SEGMENT_END = `${SEGMENT_PREFIX}~`;

/** Zero-padded, so that the service's order is the numeric one. */
function segmentRowKey(sequence: number): string {
  return `${SEGMENT_PREFIX}${String(sequence).padStart(16, "0")}`;
}

/** One partition per migration; table names of Storage are compared without case. */
function partitionOf({ source, table, destinationTable }: MigrationKey): string {
  const text = JSON.stringify([source.toLowerCase(), table.toLowerCase(), destinationTable.toLowerCase()]);
  return `migration-${hash("sha256", text).slice(0, 32)}`;
}

/** A table that is not there yet holds nothing. */
async function orWhenMissing<T>(read: () => Promise<T>, missing: T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof OperationalError && (error.code === "TableNotFound" || error.code === "TableMissing")) {
      return missing;
    }
    throw error;
  }
}

/** Keeps the journal as entities of one table, through the same store as the data: same limits, same rights. */
export function tableJournal(store: Store, journalTable: string, options: LeaseOptions): Journal {
  const leases = new TableLeases(store, journalTable, options);
  const rows = new JournalRows(store, journalTable, leases);
  const order = new SegmentOrder();
  return {
    leaseTermMs: leases.termMs,
    open: async () => (await store.createTable(journalTable)) === "created",
    acquireLease: (table, holder, signal) => leases.acquire(table, holder, signal),
    stopRequested: (runId) => leases.stopRequested(runId),
    requestStop: (table) => orWhenMissing(() => leases.requestStop(table), []),
    readTable: (migration) => {
      order.forget(partitionOf(migration));
      return orWhenMissing(() => readTable(store, journalTable, rows, migration), undefined);
    },
    readSegments: (migration, after, most = SEGMENTS_PER_PAGE) =>
      orWhenMissing(() => readSegments({ store, journalTable, rows, order }, migration, after, most), []),
    commit: (migration, change) => commit(rows, order, migration, change),
  };
}

async function readTable(
  store: Store,
  journalTable: string,
  rows: JournalRows,
  migration: MigrationKey,
): Promise<TableRecord | undefined> {
  const row = await store.readRow(journalTable, { partitionKey: partitionOf(migration), rowKey: TABLE_ROW });
  if (!row) return undefined;
  const entity = readEntity(await rows.seen(migration.destinationTable, row));
  const sync = readSync(row, entity);
  return {
    pass: entity.number("pass"),
    complete: entity.flag("complete"),
    mapping: entity.text("mapping"),
    ranges: readRanges(row, entity),
    ...(entity.has("rows") ? { rows: entity.number("rows") } : {}),
    ...(sync === undefined ? {} : { sync }),
  };
}

interface ReadingSegments {
  readonly store: Store;
  readonly journalTable: string;
  readonly rows: JournalRows;
  readonly order: SegmentOrder;
}

async function readSegments(
  { store, journalTable, rows, order }: ReadingSegments,
  migration: MigrationKey,
  afterSequence: number,
  segmentsMax: number,
): Promise<readonly SegmentRecord[]> {
  const partitionKey = partitionOf(migration);
  const range = {
    after: { partitionKey, rowKey: segmentRowKey(afterSequence) },
    upTo: { partitionKey, rowKey: SEGMENT_END },
  };
  const read = async (found: readonly Row[]): Promise<readonly SegmentRecord[]> => {
    const segments: SegmentRecord[] = [];
    for (const row of found) segments.push(readSegment(await rows.seen(migration.destinationTable, row)));
    return segments;
  };
  if (!store.ordered) {
    const whole = { after: { partitionKey, rowKey: SEGMENT_PREFIX }, upTo: range.upTo };
    const readKeys = () => readAll(store, journalTable, { range: whole, keysOnly: true });
    const next = await order.above(partitionKey, afterSequence, segmentsMax, readKeys, sequenceOf);
    const last = next.at(-1);
    if (last === undefined) return [];
    const upTo = { partitionKey, rowKey: segmentRowKey(last) };
    const found = await readAll(store, journalTable, { range: { after: range.after, upTo } });
    return (await read(found)).toSorted((a, b) => a.sequence - b.sequence);
  }
  let page = await store.readPage(journalTable, { range, rowsMax: segmentsMax });
  while (page.rows.length === 0 && page.next) {
    page = await store.readPage(journalTable, { range, rowsMax: segmentsMax, continuation: page.next });
  }
  return read(page.rows);
}

/** Throws `JournalUnreadable`. */
function sequenceOf(row: RowKey): number {
  const sequence = Number(row.rowKey.slice(SEGMENT_PREFIX.length));
  if (segmentRowKey(sequence) !== row.rowKey || !Number.isSafeInteger(sequence)) {
    throw journalUnreadable(row, "sequence in its row key");
  }
  return sequence;
}

/** Throws `JournalUnreadable` for what this program would not have written. */
function readSegment(row: Row): SegmentRecord {
  const entity = readEntity(row);
  const sequence = sequenceOf(row);
  const receipts = entity.bytes("receipts");
  if (receipts.length % RECEIPT_BYTES !== 0) throw journalUnreadable(row, "receipts");
  return { sequence, upTo: entity.key("upTo"), receipts };
}

type Change = Parameters<Journal["commit"]>[1];

async function commit(
  rows: JournalRows, order: SegmentOrder, migration: MigrationKey, change: Change,
): Promise<void> {
  const partitionKey = partitionOf(migration);
  const puts = (change.segments ?? []).map((segment) => put(segmentEntity(partitionKey, segment)));
  if (change.table) puts.push(put(tableEntity(partitionKey, migration, change.table)));
  // The position moves with the segments it speaks for, in one transaction. What is removed goes after it: a record
  // of a stretch without rows does no harm while it is still there.
  if (puts.length > 0) await rows.put(migration.destinationTable, puts);
  for (const { sequence } of change.segments ?? []) order.wrote(partitionKey, sequence);
  for (const sequence of change.remove ?? []) {
    await rows.remove({ partitionKey, rowKey: segmentRowKey(sequence) });
    order.removed(partitionKey, sequence);
  }
}

function put(entity: JournalEntity): JournalPut {
  const { partitionKey, rowKey } = entity;
  return { key: { partitionKey, rowKey }, body: writeEntity(entity) };
}

function segmentEntity(partitionKey: string, { sequence, upTo, receipts }: SegmentRecord): JournalEntity {
  return {
    partitionKey,
    rowKey: segmentRowKey(sequence),
    properties: { upToPartition: upTo.partitionKey, upToRow: upTo.rowKey, receipts },
  };
}

/** Source and tables are written out for people who look into the journal; the program reads the partition key. */
function tableEntity(partitionKey: string, migration: MigrationKey, record: TableRecord): JournalEntity {
  const { ranges, sync, ...rest } = record;
  const properties = { ...migration, ...rest, ...writeRanges(ranges), ...writeSync(sync) };
  return { partitionKey, rowKey: TABLE_ROW, properties };
}
