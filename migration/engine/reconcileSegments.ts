import { isChange } from "./applyChanges";
import { applySegment, count, countSegment, intentsOf, plan, receiptsOf } from "./copySegment";
import { cutGrown } from "./cutGrown";
import { SEQUENCE_MAX, type SegmentRecord } from "./journal";
import { keyOf, type Pair } from "./merge";
import { bytesOfPairs } from "./pairBytes";
import { keyName, nameOfHash, patchedReceipts, ReceiptBook, receiptsIn } from "./receipts";
import type { Due, IsOrphan, Reconciling } from "./reconciling";
import { segmentsOf } from "./recordedSegments";
import { withRetry } from "./retry";
import { compareKeys, type RowKey } from "./row";
import { type Segment, SEGMENT_BYTES_MAX, SEGMENT_ROWS_MAX, SEQUENCE_GAP, sequenceBetween } from "./segments";
import { throwIfStopped } from "./stop";
import { together } from "./together";
import { expectedRow } from "./transform";
import { SEGMENTS_AT_ONCE_MAX, Workers } from "./workers";

export const NOTHING = new Uint8Array(0);

/**
 * Settles what is due, in the segments of the journal where it belongs: those end where they ended, in the order of the
 * source's keys, and are cut before they outgrow their records. What lies behind the last one gets segments of its own.
 * Orphans are let go of.
 */
export async function reconcileSegments(
  reconciling: Reconciling,
  due: Due[],
  isOrphan: IsOrphan,
): Promise<void> {
  const { run, migration } = reconciling;
  due.sort((a, b) => compareKeys(a.key, b.key));
  const workers = new Workers(SEGMENTS_AT_ONCE_MAX);
  let at = 0;
  let lastSequence = 0;
  let previous: { readonly sequence: number; readonly upTo?: RowKey } = { sequence: 0 };
  try {
    for await (const page of segmentsOf(run, migration)) {
      for (const record of page) {
        throwIfStopped(run.signal);
        const first = at;
        while (at < due.length && compareKeys((due[at] as Due).key, record.upTo) <= 0) at += 1;
        const mine = due.slice(first, at);
        lastSequence = record.sequence;
        for (const part of await cutGrown(reconciling, previous, record, mine)) {
          await workers.start(() => settleSegment(reconciling, part.record, part.due, isOrphan));
        }
        previous = record;
      }
    }
    for (; at < due.length; at += SEGMENT_ROWS_MAX) {
      throwIfStopped(run.signal);
      const mine = due.slice(at, at + SEGMENT_ROWS_MAX);
      const { partitionKey, rowKey } = (mine.at(-1) as Due).key;
      const next = lastSequence + SEQUENCE_GAP;
      lastSequence = next < SEQUENCE_MAX ? next : sequenceBetween(lastSequence, SEQUENCE_MAX);
      const record = { sequence: lastSequence, upTo: { partitionKey, rowKey }, receipts: NOTHING };
      await workers.start(() => settleSegment(reconciling, record, mine, isOrphan));
    }
  } finally {
    await workers.over();
  }
  workers.throwFailure();
}

/** All that is due in one segment, slice by slice: none has more rows or bytes than a segment of a pass in order. */
export async function settleSegment(
  reconciling: Reconciling,
  record: SegmentRecord,
  due: readonly Due[],
  isOrphan: IsOrphan,
): Promise<void> {
  const { run } = reconciling;
  const withoutOrphans = patchedReceipts(record.receipts, isOrphan, NOTHING);
  if (due.length === 0 && withoutOrphans.length < record.receipts.length && !run.settings.dryRun) {
    await commit(reconciling, { ...record, receipts: withoutOrphans });
  }
  let current: SegmentRecord = { ...record, receipts: withKnown(withoutOrphans, due) };
  for (let at = 0; at < due.length; ) {
    const pairs: Pair[] = [];
    let bytes = 0;
    for (; at < due.length && pairs.length < SEGMENT_ROWS_MAX && bytes < SEGMENT_BYTES_MAX; at += 1) {
      const pair = await wholePair(reconciling, due[at] as Due);
      // Both sides lost it while it was being looked at: its receipt goes with the next pass.
      if (!pair.source && !pair.destination) continue;
      pairs.push(pair);
      bytes += bytesOfPairs([pair]);
    }
    if (pairs.length === 0) continue;
    await run.inFlight.take(bytes);
    try {
      current = await settleSlice(reconciling, current, pairs, bytes);
    } finally {
      run.inFlight.give(bytes);
    }
  }
}

/** With what other segments record of rows that only the destination has. */
function withKnown(receipts: Uint8Array, due: readonly Due[]): Uint8Array {
  if (!due.some(({ known }) => known)) return receipts;
  const here = new Set([...receiptsIn(receipts)].map(({ key }) => nameOfHash(key)));
  return Buffer.concat([receipts, ...due.flatMap(({ name, known }) => (known && !here.has(name) ? [known] : []))]);
}

/** Both sides of a key with their bodies: of what found no room in the round, as it is by now. */
async function wholePair({ run, settings, destinationExists }: Reconciling, { key, pair }: Due): Promise<Pair> {
  const { source, destination, hasBodies } = pair;
  const isEqual = source !== undefined && destination !== undefined && source.digest === destination.digest;
  if (hasBodies || isEqual || !source) return pair;
  const { context, reading, writing } = run;
  const [left, right] = await together([
    withRetry(reading, () => context.source.readRow(settings.table, key)),
    destinationExists
      ? withRetry(writing, () => context.destination.readRow(settings.destinationTable, key))
      : Promise.resolve(undefined),
  ]);
  return { source: left && expectedRow({ run, settings }, left), destination: right };
}

/** Decides, intends, writes and acknowledges, as `copySegment` does: other rows' receipts stay as they are. */
async function settleSlice(
  reconciling: Reconciling,
  record: SegmentRecord,
  pairs: readonly Pair[],
  bytes: number,
): Promise<SegmentRecord> {
  const { run, copying } = reconciling;
  const { sequence, upTo, receipts } = record;
  const segment: Segment = { sequence, upTo, pairs, bytes, book: new ReceiptBook(receipts) };
  if (run.settings.dryRun) {
    await countSegment(copying, segment, true);
    return record;
  }
  const names = new Set(pairs.map((pair) => keyName(keyOf(pair))));
  const patched = (added: Uint8Array): SegmentRecord => {
    return { sequence, upTo, receipts: patchedReceipts(receipts, (key) => names.has(nameOfHash(key)), added) };
  };
  const decisions = plan(copying, segment);
  const changes = decisions.filter(isChange);
  if (changes.length > 0) {
    await commit(reconciling, patched(intentsOf(run.context.format, segment, decisions)));
  }
  const { results, failure } = await applySegment(copying, segment, changes);
  await count(copying, segment, decisions, results, failure === undefined, true);
  if (failure !== undefined) throw failure;
  const settled = patched(receiptsOf(copying, segment, decisions, results));
  await commit(reconciling, settled);
  run.meter.tick();
  return settled;
}

async function commit({ run, migration }: Reconciling, segment: SegmentRecord): Promise<void> {
  const { journal, source } = run.context;
  // In order a segment marks a stretch of keys, also without rows; by receipts nothing would be found in it.
  const isNothing = !source.ordered && segment.receipts.length === 0;
  const change = isNothing ? { remove: [segment.sequence] } : { segments: [segment] };
  await withRetry(run.writing, () => journal.commit(migration, change));
}
