import type { SegmentRecord } from "../journal";
import { compareKeys, type Row, type RowKey } from "../row";
import { SEGMENT_BYTES_MAX, SEGMENT_ROWS_MAX, SEQUENCE_GAP, sequenceBetween } from "../segments";
import { RowRecords } from "./rowRecords";

/** A recorded segment, or one that is to be: its keys end with `upTo`, inclusive. */
export interface Stretch {
  readonly sequence: number;
  readonly upTo: RowKey;
  readonly records: RowRecords;
  /** The journal knows it. */
  readonly recorded: boolean;
}

/** Source rows of one stretch, in key order. Pieces of one stretch are worked on one after the other. */
export interface Piece {
  readonly stretch: Stretch;
  readonly rows: readonly Row[];
  /** Nothing more of this stretch comes. */
  readonly last: boolean;
  /** The stretch that this one was cut off, with what is left of it: both are recorded in one step. */
  readonly cutOff?: { readonly stretch: Stretch; readonly receipts: Uint8Array } | undefined;
}

export interface Walking {
  /** Every row of the source is among the rows: stretches without rows count too, and large ones are cut. */
  readonly whole: boolean;
}

/** Reads segments one by one, in order. */
export type ReadSegments = (afterSequence: number) => Promise<readonly SegmentRecord[]>;

/** Walks the source's rows and the recorded segments side by side, in key order. Memory: a page and a piece. */
export class StretchWalk {
  private page: readonly SegmentRecord[] = [];
  private at = 0;
  private ended = false;
  private lastSequence = 0;
  private current: Stretch | undefined;
  private rows: Row[] = [];
  private bytes = 0;

  constructor(
    private readonly read: ReadSegments,
    private readonly walking: Walking,
  ) {}

  async *pieces(pages: AsyncIterable<{ readonly rows: readonly Row[] }>): AsyncGenerator<Piece> {
    await this.step();
    for await (const { rows } of pages) {
      for (const row of rows) {
        while (this.current && compareKeys(row, this.current.upTo) > 0) yield* this.leave(this.current);
        if (this.isFull) yield this.full();
        this.rows.push(row);
        this.bytes += row.body.length;
      }
    }
    while (this.current) yield* this.leave(this.current);
    if (this.rows.length > 0) yield this.fresh();
  }

  private get isFull(): boolean {
    return this.rows.length >= SEGMENT_ROWS_MAX || this.bytes >= SEGMENT_BYTES_MAX;
  }

  /** The end of a recorded segment is reached. */
  private async *leave(stretch: Stretch): AsyncGenerator<Piece> {
    if (this.walking.whole || this.rows.length > 0) yield { stretch, rows: this.taken(), last: true };
    this.lastSequence = stretch.sequence;
    await this.step();
  }

  private full(): Piece {
    if (!this.current) return this.fresh();
    if (!this.walking.whole) return { stretch: this.current, rows: this.taken(), last: false };
    const { current: cutOff } = this;
    const rows = this.taken();
    const stretch = this.begin(rows, sequenceBetween(this.lastSequence, cutOff.sequence));
    for (const row of rows) stretch.records.take(cutOff.records, row);
    return { stretch, rows, last: true, cutOff: { stretch: cutOff, receipts: cutOff.records.bytes() } };
  }

  /** Behind everything that is recorded. */
  private fresh(): Piece {
    const rows = this.taken();
    return { stretch: this.begin(rows, this.lastSequence + SEQUENCE_GAP), rows, last: true };
  }

  private begin(rows: readonly Row[], sequence: number): Stretch {
    const { partitionKey, rowKey } = rows.at(-1) as Row;
    this.lastSequence = sequence;
    return { sequence, upTo: { partitionKey, rowKey }, records: new RowRecords(), recorded: false };
  }

  private taken(): readonly Row[] {
    const { rows } = this;
    this.rows = [];
    this.bytes = 0;
    return rows;
  }

  private async step(): Promise<void> {
    if (this.at >= this.page.length && !this.ended) {
      this.page = await this.read(this.lastSequence);
      this.at = 0;
      this.ended = this.page.length === 0;
    }
    const segment = this.page[this.at];
    this.at += 1;
    const { sequence, upTo, receipts } = segment ?? {};
    this.current = sequence === undefined || upTo === undefined ? undefined
      : { sequence, upTo, records: new RowRecords(receipts), recorded: true };
  }
}
