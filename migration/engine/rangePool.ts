import { OperationalError } from "./errors";
import type { RangeScan } from "./rangeScan";
import { RANGES_PER_TABLE_MAX, type RangeSlots } from "./rangeSlots";

/** Pages that a range has worked on before it is worth being divided: small tables stay whole. */
export const STEPS_BEFORE_DIVIDING = 8;

export interface Dividing<R> {
  readonly slots: RangeSlots;
  /** Works through a range to its end; its steps go through `watched`. */
  readonly work: (range: R) => Promise<void>;
  /** Takes up to `count` ranges off the end of one that is being worked on; none where it cannot be divided. */
  readonly divide: (range: R, count: number) => Promise<readonly R[]>;
}

/**
 * Works on the ranges of one table at once. A table begins as one range, or as those that an earlier run left; while
 * there is room, the range that has gone on longest is divided, so nothing need be known of how rows are distributed:
 * whoever has most left to do is helped again.
 */
export class RangePool<R extends { readonly scan: RangeScan }> {
  private readonly live = new Map<R, Promise<void>>();
  private dividing: Promise<void> | undefined;
  private failure: unknown;
  private failed = false;

  constructor(private readonly options: Dividing<R>) {}

  /** Resolves when all ranges are worked through; rejects with the first failure once nothing is under way any more. */
  async run(first: readonly R[]): Promise<void> {
    first.forEach((range) => this.start(range));
    while (this.live.size > 0 || this.dividing) {
      await Promise.race([...this.live.values(), ...(this.dividing ? [this.dividing] : [])]);
    }
    if (this.failed) throw this.failure;
  }

  /** The steps of a range. Throws between two of them where another range has failed: this one ends, too. */
  async *watched<T>(steps: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const step of steps) {
      if (this.failed) throw this.failure;
      this.divideLongest();
      yield step;
    }
  }

  private divideLongest(): void {
    const room = Math.min(this.options.slots.free, RANGES_PER_TABLE_MAX - this.live.size);
    if (this.dividing || room <= 0) return;
    const candidates = [...this.live.keys()].filter(({ scan }) => scan.steps >= STEPS_BEFORE_DIVIDING);
    const longest = candidates.sort((a, b) => b.scan.steps - a.scan.steps)[0];
    if (!longest) return;
    longest.scan.steps = 0;
    this.dividing = this.divide(longest, room).finally(() => {
      this.dividing = undefined;
    });
  }

  private async divide(range: R, room: number): Promise<void> {
    try {
      const more = await this.options.divide(range, room);
      if (!this.failed) more.forEach((one) => this.start(one));
    } catch (error) {
      this.fail(error);
    }
  }

  private start(range: R): void {
    this.options.slots.take();
    const work = this.options.work(range).catch((error: unknown) => this.fail(error));
    const over = work.then(() => {
      this.live.delete(range);
      this.options.slots.leave();
    });
    this.live.set(range, over);
  }

  private fail(error: unknown): void {
    // A defect says more than an operational error that came first, such as the one that ends the others.
    if (this.failed && (this.failure === error || error instanceof OperationalError)) return;
    this.failed = true;
    this.failure = error;
  }
}
