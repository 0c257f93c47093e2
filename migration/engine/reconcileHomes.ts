import { type SegmentRecord, SEQUENCE_MAX } from "./journal";
import { RECEIPT_BYTES, RECEIPTS_BYTES_MAX } from "./receipts";
import type { Due, IsOrphan, Reconciling } from "./reconciling";
import { NOTHING, settleSegment } from "./reconcileSegments";
import { namesIn, segmentsOf } from "./recordedSegments";
import { compareKeys, type RowKey } from "./row";
import { SEQUENCE_GAP, sequenceBetween } from "./segments";
import { throwIfStopped } from "./stop";
import { SEGMENTS_AT_ONCE_MAX, Workers } from "./workers";

/** Of one key, at most: what was copied, its version, and two intents of which nobody heard whether they came true. */
const ENTRIES_PER_KEY_MAX = 4;

/** Keys of a segment that is found by its receipts: however much is recorded of each, one binary property holds it. */
export const HOME_KEYS_MAX = Math.floor(RECEIPTS_BYTES_MAX / (RECEIPT_BYTES * ENTRIES_PER_KEY_MAX));

/** Where a segment of a source without an order ends: nowhere. Its keys are those that its receipts name. */
export const NO_END: RowKey = { partitionKey: "", rowKey: "" };

/** Gives out the sequences of segments behind the last one. */
export class SequencesBehind {
  lastSequence = 0;

  next(): number {
    const next = this.lastSequence + SEQUENCE_GAP;
    this.lastSequence = next < SEQUENCE_MAX ? next : sequenceBetween(this.lastSequence, SEQUENCE_MAX);
    return this.lastSequence;
  }
}

/**
 * Settles what is due where the source has no order. A key's home is the segment that has its receipts; keys without
 * one fill up the last segment, and then new ones. So no segment has more than `HOME_KEYS_MAX` keys, whatever comes and
 * goes. Orphans are let go of.
 */
export async function reconcileHomes(reconciling: Reconciling, due: Due[], isOrphan: IsOrphan): Promise<void> {
  const { run, migration } = reconciling;
  const homeless = new Map(due.map((one) => [one.name, one]));
  const workers = new Workers(SEGMENTS_AT_ONCE_MAX);
  const sequences = new SequencesBehind();
  const settle = (record: SegmentRecord, mine: readonly Due[]) => {
    throwIfStopped(run.signal);
    const inOrder = [...mine].sort((a, b) => compareKeys(a.key, b.key));
    return workers.start(() => settleSegment(reconciling, record, inOrder, isOrphan));
  };
  /** The last segment that was read waits until it is known whether it is the very last. */
  let last: { readonly record: SegmentRecord; readonly mine: Due[]; readonly keys: number } | undefined;
  try {
    for await (const page of segmentsOf(run, migration)) {
      for (const record of page) {
        if (last) await settle(last.record, last.mine);
        const names = namesIn(record);
        const mine: Due[] = [];
        for (const name of names) {
          const one = homeless.get(name);
          if (one && homeless.delete(name)) mine.push(one);
        }
        last = { record, mine, keys: names.size };
        sequences.lastSequence = record.sequence;
      }
    }
    const left = [...homeless.values()].sort((a, b) => compareKeys(a.key, b.key));
    const room = last ? Math.max(0, HOME_KEYS_MAX - last.keys) : 0;
    if (last) await settle(last.record, [...last.mine, ...left.slice(0, room)]);
    for (let at = room; at < left.length; at += HOME_KEYS_MAX) {
      const record = { sequence: sequences.next(), upTo: NO_END, receipts: NOTHING };
      await settle(record, left.slice(at, at + HOME_KEYS_MAX));
    }
  } finally {
    await workers.over();
  }
  workers.throwFailure();
}
