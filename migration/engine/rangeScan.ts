import { assert } from "./errors";
import { keyOf, mergeByKey, type Pair } from "./merge";
import { compareKeys, type RowKey } from "./row";
import type { RowStream } from "./scan";

/** Both sides of one stretch of a table, side by side in key order. Its end can move towards its beginning. */
export class RangeScan {
  /** Pages' worth of pairs handed out since the range began or was last divided. */
  steps = 0;
  /** Nothing more comes: what is found behind its last key was not there when it was read. */
  finished = false;
  private reached: RowKey | undefined;

  constructor(
    readonly after: RowKey | undefined,
    /** The last key of the range, inclusive; undefined: to the table's end. */
    private end: RowKey | undefined,
    private readonly source: RowStream,
    private readonly destination: RowStream,
  ) {}

  get upTo(): RowKey | undefined {
    return this.end;
  }

  /** Pairs up to this key were handed out, or are at hand already: no use in giving them to somebody else. */
  get frontier(): RowKey | undefined {
    const ahead = this.source.rows.at(-1);
    if (!ahead) return this.reached;
    return !this.reached || compareKeys(ahead, this.reached) > 0 ? ahead : this.reached;
  }

  /** Leaves what lies behind `key` to others. `key` was not handed out yet. */
  endAt(key: RowKey): void {
    assert(!this.reached || compareKeys(this.reached, key) < 0, "a range is divided where it has been already");
    assert(!this.end || compareKeys(key, this.end) < 0, "a range is divided behind its end");
    this.end = key;
  }

  async *pairs(): AsyncGenerator<readonly Pair[]> {
    try {
      yield* this.inside();
    } finally {
      this.finished = true;
    }
  }

  private async *inside(): AsyncGenerator<readonly Pair[]> {
    for await (const pairs of mergeByKey(this.source, this.destination)) {
      this.steps += 1;
      const last = keyOf(pairs.at(-1) as Pair);
      const { end } = this;
      if (end && compareKeys(last, end) > 0) {
        const mine = pairs.filter((pair) => compareKeys(keyOf(pair), end) <= 0);
        if (mine.length > 0) yield mine;
        return;
      }
      this.reached = last;
      yield pairs;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.source.close(), this.destination.close()]);
  }
}
