/** Ranges of one table at once, at most. */
export const RANGES_PER_TABLE_MAX = 8;

/** Ranges of all tables of a run at once, at most: each holds a page of both sides and a segment or two. */
export const RANGES_AT_ONCE_MAX = 16;

/** Room for ranges, shared by all tables of a run. A table's first range always has room: tables are bounded apart. */
export class RangeSlots {
  private taken = 0;

  get free(): number {
    return Math.max(0, RANGES_AT_ONCE_MAX - this.taken);
  }

  take(): void {
    this.taken += 1;
  }

  leave(): void {
    this.taken -= 1;
  }
}
