import type { RangeRecord, SegmentRecord } from "./journal";
import type { RowKey } from "./row";
import type { Segment, SequenceSpace } from "./segments";

/** A segment whose rows are all settled, with its new record; none where no row is left in it. */
export interface SettledSegment {
  readonly segment: Segment;
  readonly receipts: Uint8Array;
}

/** What is to be written about settled segments. */
export interface SettledChange {
  readonly segments: SegmentRecord[];
  readonly remove: number[];
}

/**
 * How far one range has come. The position never runs ahead of a segment that is not settled: what it claims is
 * acknowledged.
 */
export class RangeProgress implements SequenceSpace {
  private firstSequence: number;
  lastSequence: number;
  complete: boolean;
  private position: RowKey | undefined;
  private sequence: number;
  private readonly settled = new Map<number, SettledSegment>();
  private readonly order: Segment[] = [];

  constructor(
    record: RangeRecord,
    private after: RowKey | undefined,
    public endSequence: number,
    public upTo = record.upTo,
  ) {
    this.firstSequence = record.firstSequence;
    this.lastSequence = record.sequence;
    this.sequence = record.sequence;
    this.position = record.position;
    this.complete = record.complete;
  }

  /** Where work begins: behind what is acknowledged already. */
  get start(): RowKey | undefined {
    return this.position ?? this.after;
  }

  get record(): RangeRecord {
    const { upTo, firstSequence, position, sequence, complete } = this;
    return { firstSequence, sequence, complete, ...(upTo ? { upTo } : {}), ...(position ? { position } : {}) };
  }

  /** Two finished neighbours become one. */
  absorb(before: RangeProgress): void {
    this.firstSequence = before.firstSequence;
    this.after = before.after;
  }

  /** Announces a segment, in key order, before work on it begins. */
  expect(segment: Segment): void {
    this.order.push(segment);
  }

  settle(done: SettledSegment): void {
    this.settled.set(done.segment.sequence, done);
  }

  /** Moves the position over what is settled without a gap, and adds what the journal is to be told; true if moved. */
  advance({ segments, remove }: SettledChange): boolean {
    const before = this.sequence;
    for (;;) {
      const head = this.order[0];
      const done = head && this.settled.get(head.sequence);
      if (!head || !done) return this.sequence !== before;
      this.order.shift();
      this.settled.delete(head.sequence);
      this.position = head.upTo;
      this.sequence = head.sequence;
      if (head.pairs.length === 0 && done.receipts.length === 0) remove.push(head.sequence);
      else if (!sameRecord(done)) segments.push({ sequence: head.sequence, upTo: head.upTo, receipts: done.receipts });
    }
  }
}

function sameRecord({ segment, receipts }: SettledSegment): boolean {
  return segment.record !== undefined && Buffer.compare(segment.record.receipts, receipts) === 0;
}
