import type { MigrationKey, SegmentRecord, TableRecord } from "./journal";
import type { Run } from "./run";
import { withRetry } from "./retry";
import type { Segment } from "./segments";

/** While nothing changes, a position is recorded this often: a restart re-reads little, an idle run writes little. */
const IDLE_COMMIT_INTERVAL_MS = 5_000;

/** A segment whose rows are all settled, with its new record; none where no row is left in it. */
export interface SettledSegment {
  readonly segment: Segment;
  readonly receipts: Uint8Array;
}

/**
 * Records settled segments in the order of their keys, and with them how far the pass has come. The position never
 * runs ahead of a segment that is not settled: what it claims is acknowledged.
 */
export class Acknowledgements {
  private readonly settled = new Map<number, SettledSegment>();
  private readonly order: Segment[] = [];
  private lastCommitMs: number;
  private tail: Promise<void> = Promise.resolve();

  constructor(
    private readonly run: Run,
    private readonly migration: MigrationKey,
    private record: TableRecord,
  ) {
    this.lastCommitMs = run.context.clock.now();
  }

  /** Announces a segment, in key order, before work on it begins. */
  expect(segment: Segment): void {
    this.order.push(segment);
  }

  /** Resolves once everything that this settles is in the journal. */
  settle(done: SettledSegment): Promise<void> {
    this.settled.set(done.segment.sequence, done);
    this.tail = this.tail.then(() => this.commitPrefix());
    return this.tail;
  }

  /** Writes the intents of a segment before its first row is written. */
  async intend(segment: Segment, intents: Uint8Array): Promise<void> {
    const { sequence, upTo } = segment;
    await this.commit({ segments: [{ sequence, upTo, receipts: intents }] });
  }

  async finish(rows: number): Promise<void> {
    const { pass, mapping } = this.record;
    this.record = { pass, mapping, complete: true, sequence: 0, rows };
    await this.commit({ table: this.record });
  }

  async begin(): Promise<void> {
    await this.commit({ table: this.record });
  }

  private async commitPrefix(): Promise<void> {
    const segments: SegmentRecord[] = [];
    const remove: number[] = [];
    let last: Segment | undefined;
    for (;;) {
      const head = this.order[0];
      const done = head && this.settled.get(head.sequence);
      if (!head || !done) break;
      this.order.shift();
      this.settled.delete(head.sequence);
      last = head;
      if (head.pairs.length === 0) remove.push(head.sequence);
      else if (!sameRecord(done)) segments.push({ sequence: head.sequence, upTo: head.upTo, receipts: done.receipts });
    }
    if (!last) return;
    this.record = { ...this.record, position: last.upTo, sequence: last.sequence };
    const idle = segments.length === 0 && remove.length === 0;
    if (idle && this.run.context.clock.now() - this.lastCommitMs < IDLE_COMMIT_INTERVAL_MS) return;
    await this.commit({ segments, remove, table: this.record });
  }

  private async commit(change: Parameters<Run["context"]["journal"]["commit"]>[1]): Promise<void> {
    this.lastCommitMs = this.run.context.clock.now();
    await withRetry(this.run.writing, () => this.run.context.journal.commit(this.migration, change));
  }
}

function sameRecord({ segment, receipts }: SettledSegment): boolean {
  return segment.record !== undefined && Buffer.compare(segment.record.receipts, receipts) === 0;
}
