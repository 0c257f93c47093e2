import { assert } from "./errors";
import type { SegmentRecord } from "./journal";
import { keyOf, type Pair } from "./merge";
import { ReceiptBook } from "./receipts";
import { compareKeys, type RowKey } from "./row";

/** Rows of one segment, at most: as many as a page holds. */
export const SEGMENT_ROWS_MAX = 1_000;

/** Entity bytes of one segment, both sides together, at most: bounds memory when entities are a mebibyte each. */
export const SEGMENT_BYTES_MAX = 8 * 1024 * 1024;

/** Between the sequences of neighbours, so that a segment that grows can be cut into more without moving the others. */
const SEQUENCE_GAP = 2 ** 32;

/** A stretch of keys, as one unit of work and of acknowledgement. */
export interface Segment {
  readonly sequence: number;
  /** The last key of the stretch, inclusive. */
  readonly upTo: RowKey;
  readonly pairs: readonly Pair[];
  /** What earlier runs left here. */
  readonly book: ReceiptBook;
  /** The record this segment supersedes, if it had one. */
  readonly record?: SegmentRecord;
}

/** The segments of earlier passes, in order, a page at a time. */
export class RecordedSegments {
  private page: readonly SegmentRecord[] = [];
  private at = 0;
  private ended = false;

  constructor(
    private readonly read: (afterSequence: number) => Promise<readonly SegmentRecord[]>,
    private afterSequence: number,
  ) {}

  async next(): Promise<SegmentRecord | undefined> {
    if (this.at >= this.page.length && !this.ended) {
      this.page = await this.read(this.afterSequence);
      this.at = 0;
      this.ended = this.page.length === 0;
    }
    const segment = this.page[this.at];
    this.at += 1;
    if (segment) this.afterSequence = segment.sequence;
    return segment;
  }
}

function pairBytes(pair: Pair): number {
  return (pair.source?.body.length ?? 0) + (pair.destination?.body.length ?? 0);
}

/** A sequence above `previous` and below `next`: a thousandth of the gap, so that thousands of cuts find room. */
function sequenceBetween(previous: number, next: number): number {
  const sequence = previous + Math.max(1, Math.floor((next - previous) / 1024));
  assert(sequence < next, `no sequence is left between segments ${previous} and ${next}`);
  return sequence;
}

/**
 * Cuts ordered pairs into segments. Where earlier passes left segments their ends are kept, so that an unchanged
 * stretch needs no new record; one that has grown is cut further.
 */
export async function* cutSegments(
  pairs: AsyncIterable<readonly Pair[]>,
  recorded: RecordedSegments,
  afterSequence: number,
): AsyncGenerator<Segment> {
  let previous = afterSequence;
  let record = await recorded.next();
  let book = new ReceiptBook(record?.receipts);
  let collected: Pair[] = [];
  let bytes = 0;
  const close = (sequence: number, upTo: RowKey, superseded?: SegmentRecord): Segment => {
    const segment = { sequence, upTo, pairs: collected, book, ...(superseded ? { record: superseded } : {}) };
    collected = [];
    bytes = 0;
    previous = sequence;
    return segment;
  };
  const closeRecorded = async (current: SegmentRecord): Promise<Segment> => {
    const segment = close(current.sequence, current.upTo, current);
    record = await recorded.next();
    book = new ReceiptBook(record?.receipts);
    return segment;
  };
  for await (const some of pairs) {
    for (const pair of some) {
      const key = keyOf(pair);
      while (record && compareKeys(key, record.upTo) > 0) yield await closeRecorded(record);
      collected.push(pair);
      bytes += pairBytes(pair);
      if (collected.length < SEGMENT_ROWS_MAX && bytes < SEGMENT_BYTES_MAX) continue;
      if (record && compareKeys(key, record.upTo) === 0) yield await closeRecorded(record);
      else yield close(record ? sequenceBetween(previous, record.sequence) : previous + SEQUENCE_GAP, key);
    }
  }
  while (record) yield await closeRecorded(record);
  const last = collected.at(-1);
  if (last) yield close(previous + SEQUENCE_GAP, keyOf(last));
}
