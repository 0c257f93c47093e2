import { assert } from "./errors";
import type { SegmentRecord } from "./journal";
import { keyOf, type Pair } from "./merge";
import { bytesOfPairs } from "./pairBytes";
import { entriesBut, keyName, ReceiptBook } from "./receipts";
import { compareKeys, type RowKey } from "./row";

/** Rows of one segment, at most: as many as a page holds. */
export const SEGMENT_ROWS_MAX = 1_000;

/** Entity bytes of one segment, of the larger side, at most: bounds memory when entities are a mebibyte each. */
export const SEGMENT_BYTES_MAX = 2 * 1024 * 1024;

/** Between the sequences of neighbours, so that a segment that grows can be cut into more without moving the others. */
export const SEQUENCE_GAP = 2 ** 32;

/** A stretch of keys, as one unit of work and of acknowledgement. */
export interface Segment {
  readonly sequence: number;
  /** The last key of the stretch, inclusive. */
  readonly upTo: RowKey;
  readonly pairs: readonly Pair[];
  /** What its rows take of memory. */
  readonly bytes: number;
  /** What earlier runs left here. */
  readonly book: ReceiptBook;
  /** The record this segment supersedes, if it had one. */
  readonly record?: SegmentRecord;
  /** Entries of its record to keep, of keys that the pass cannot see: packed as receipts are. */
  readonly others?: Uint8Array;
}

/** Where a range's segments go: above the first sequence, up to the last, which moves down when the range is split. */
export interface SequenceSpace {
  /** The last sequence given out. */
  lastSequence: number;
  endSequence: number;
}

/** The segments of earlier passes in a range, in order, a page at a time. */
export class RecordedSegments {
  private page: readonly SegmentRecord[] = [];
  private at = 0;
  private ended = false;
  /** The segment that keys are compared with now. */
  current: SegmentRecord | undefined;

  constructor(
    private readonly read: (afterSequence: number) => Promise<readonly SegmentRecord[]>,
    private readonly space: SequenceSpace,
    private afterSequence = space.lastSequence,
  ) {}

  /** Steps on; `current` is undefined once none is left. */
  async next(): Promise<void> {
    if (this.at >= this.page.length && !this.ended) {
      this.page = await this.read(this.afterSequence);
      this.at = 0;
      this.ended = this.page.length === 0;
    }
    const segment = this.page[this.at];
    this.at += 1;
    if (segment) this.afterSequence = segment.sequence;
    // What lies behind the range's end is another range's.
    this.current = segment && segment.sequence <= this.space.endSequence ? segment : undefined;
  }
}

function bodyBytes(row: Pair["source"]): number {
  return row ? row.body.length : 0;
}

/** A thousandth of the space between two, so that thousands of cuts find room. */
export function sequenceBetween(previous: number, next: number): number {
  const sequence = previous + Math.max(1, Math.floor((next - previous) / 1024));
  assert(sequence < next, `no sequence is left between segments ${previous} and ${next}`);
  return sequence;
}

/** Cuts one range's ordered pairs into segments. */
class SegmentCutter {
  private collected: Pair[] = [];
  private sourceBytes = 0;
  private destinationBytes = 0;
  private book = new ReceiptBook();
  private readonly seen = new Set<string>();

  constructor(
    private readonly recorded: RecordedSegments,
    private readonly space: SequenceSpace,
    private readonly isBlind: boolean,
  ) {}

  async step(): Promise<void> {
    await this.recorded.next();
    this.book = new ReceiptBook(this.recorded.current?.receipts);
    this.seen.clear();
  }

  /** True when what was collected is a whole segment now. */
  add(pair: Pair): boolean {
    this.collected.push(pair);
    this.sourceBytes += bodyBytes(pair.source);
    this.destinationBytes += bodyBytes(pair.destination);
    return this.collected.length >= SEGMENT_ROWS_MAX ||
      Math.max(this.sourceBytes, this.destinationBytes) >= SEGMENT_BYTES_MAX;
  }

  get last(): Pair | undefined {
    return this.collected.at(-1);
  }

  /** A segment that ends where an earlier pass had none end. */
  close({ partitionKey, rowKey }: RowKey): Segment {
    // The key alone: a row's body must not live as long as the position does.
    const upTo = { partitionKey, rowKey };
    const { lastSequence, endSequence } = this.space;
    const record = this.recorded.current;
    if (record) return this.segment(sequenceBetween(lastSequence, record.sequence), upTo);
    const sequence = lastSequence + SEQUENCE_GAP;
    return this.segment(sequence < endSequence ? sequence : sequenceBetween(lastSequence, endSequence), upTo);
  }

  async closeRecorded(record: SegmentRecord): Promise<Segment> {
    const segment = this.segment(record.sequence, record.upTo, record);
    await this.step();
    return segment;
  }

  private segment(sequence: number, upTo: RowKey, record?: SegmentRecord): Segment {
    const { collected: pairs, book, isBlind, seen } = this;
    const bytes = bytesOfPairs(pairs);
    if (isBlind && this.recorded.current) for (const pair of pairs) seen.add(keyName(keyOf(pair)));
    const others = isBlind && record ? { others: entriesBut(record.receipts, seen) } : {};
    this.collected = [];
    this.sourceBytes = 0;
    this.destinationBytes = 0;
    this.space.lastSequence = sequence;
    return { sequence, upTo, pairs, bytes, book, ...(record ? { record } : {}), ...others };
  }
}

/**
 * Cuts ordered pairs into segments. Where earlier passes left segments their ends are kept, so that an unchanged
 * stretch needs no new record; one that has grown is cut further. `isBlind`: the destination is not read, so that a key
 * which the source has no more may well be there, written by a run that was killed: what is known of it is kept.
 */
export async function* cutSegments(
  pairs: AsyncIterable<readonly Pair[]>,
  recorded: RecordedSegments,
  space: SequenceSpace,
  isBlind = false,
): AsyncGenerator<Segment> {
  const cutter = new SegmentCutter(recorded, space, isBlind);
  await cutter.step();
  for await (const some of pairs) {
    for (const pair of some) {
      const key = keyOf(pair);
      for (let record = recorded.current; record && compareKeys(key, record.upTo) > 0; record = recorded.current) {
        yield await cutter.closeRecorded(record);
      }
      if (!cutter.add(pair)) continue;
      const { current } = recorded;
      if (current && compareKeys(key, current.upTo) === 0) yield await cutter.closeRecorded(current);
      else yield cutter.close(key);
    }
  }
  while (recorded.current) yield await cutter.closeRecorded(recorded.current);
  const { last } = cutter;
  if (last) yield cutter.close(keyOf(last));
}
