import { assert } from "./errors";
import {
  type MigrationKey,
  type RangeRecord,
  RANGES_RECORDED_MAX,
  SEQUENCE_MAX,
  type TableRecord,
  WHOLE_TABLE,
} from "./journal";
import { RangeProgress, type SettledChange, type SettledSegment } from "./rangeProgress";
import { withRetry } from "./retry";
import type { RowKey } from "./row";
import type { Run } from "./run";
import type { Segment } from "./segments";

/** While nothing changes, a position is recorded this often: a restart re-reads little, an idle run writes little. */
const IDLE_COMMIT_INTERVAL_MS = 5_000;

/** Where a range begins that is taken off another's end. */
export interface Boundary {
  /** The last key of what lies before it. */
  readonly key: RowKey;
  readonly sequence: number;
}

/**
 * Records settled segments in the order of their keys, range by range, and with them how far the pass has come. What
 * settles while the journal is being written goes with the next write: one at a time, in which all ranges stand.
 */
export class Acknowledgements {
  private ranges: RangeProgress[];
  private lastCommitMs: number;
  private writing: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;

  constructor(
    private readonly run: Run,
    private readonly migration: MigrationKey,
    private readonly record: TableRecord,
  ) {
    this.lastCommitMs = run.context.clock.now();
    this.ranges = record.ranges.map((range, at) => {
      const end = record.ranges[at + 1]?.firstSequence ?? SEQUENCE_MAX;
      return new RangeProgress(range, record.ranges[at - 1]?.upTo, end);
    });
  }

  /** Ranges with something left to do. */
  get open(): readonly RangeProgress[] {
    return this.ranges.filter(({ complete }) => !complete);
  }

  /** How many more ranges the record can hold. */
  get room(): number {
    return Math.max(0, RANGES_RECORDED_MAX - this.ranges.length);
  }

  /**
   * Takes ranges off the end of one, in one step: from now on its end is the first boundary. Recorded with whatever is
   * recorded next; a run that dies before that goes on with the range as it was, which holds the same segments.
   */
  divide(range: RangeProgress, boundaries: readonly Boundary[]): readonly RangeProgress[] {
    const [first] = boundaries;
    if (!first) return [];
    const { upTo, endSequence } = range;
    const added = boundaries.map(({ key, sequence }, at) => {
      const next = boundaries[at + 1];
      const end = next?.key ?? upTo;
      assert(sequence < (next?.sequence ?? endSequence), `range ${at} behind sequence ${sequence} has no room`);
      const record: RangeRecord = { firstSequence: sequence, sequence, complete: false };
      return new RangeProgress(record, key, next?.sequence ?? endSequence, end);
    });
    assert(first.sequence >= range.lastSequence, `a range is divided at sequence ${first.sequence}, which is in use`);
    range.upTo = first.key;
    range.endSequence = first.sequence;
    this.ranges.splice(this.ranges.indexOf(range) + 1, 0, ...added);
    return added;
  }

  /** Resolves once everything that this settles is in the journal. */
  settle(range: RangeProgress, done: SettledSegment): Promise<void> {
    range.settle(done);
    this.next ??= this.writing.then(() => {
      this.next = undefined;
      this.writing = this.commitSettled();
      return this.writing;
    });
    return this.next;
  }

  /** Writes the intents of a segment before its first row is written. */
  async intend({ sequence, upTo }: Segment, intents: Uint8Array): Promise<void> {
    await this.commit({ segments: [{ sequence, upTo, receipts: intents }] });
  }

  /** Everything of the range is settled. The journal hears of it with the next write. */
  finishRange(range: RangeProgress): void {
    range.complete = true;
    const kept: RangeProgress[] = [];
    for (const one of this.ranges) {
      const before = kept.at(-1);
      if (before?.complete && one.complete) {
        one.absorb(before);
        kept.pop();
      }
      kept.push(one);
    }
    this.ranges = kept;
  }

  async finish(rows: number): Promise<void> {
    const ranges = [{ ...WHOLE_TABLE, complete: true }];
    await this.commit({ table: { ...this.record, complete: true, ranges, rows } });
  }

  async begin(): Promise<void> {
    await this.commit({ table: this.table });
  }

  private get table(): TableRecord {
    return { ...this.record, ranges: this.ranges.map(({ record }) => record) };
  }

  private async commitSettled(): Promise<void> {
    const change: SettledChange = { segments: [], remove: [] };
    const moved = this.ranges.map((range) => range.advance(change));
    if (!moved.includes(true)) return;
    const idle = change.segments.length === 0 && change.remove.length === 0;
    if (idle && this.run.context.clock.now() - this.lastCommitMs < IDLE_COMMIT_INTERVAL_MS) return;
    await this.commit({ ...change, table: this.table });
  }

  private async commit(change: Parameters<Run["context"]["journal"]["commit"]>[1]): Promise<void> {
    this.lastCommitMs = this.run.context.clock.now();
    await withRetry(this.run.writing, () => this.run.context.journal.commit(this.migration, change));
  }
}
