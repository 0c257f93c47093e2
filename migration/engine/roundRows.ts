import { ROUND_BODIES_BYTES_MAX } from "./bucketRounds";
import { bucketOf, type BucketSums } from "./keyBuckets";
import { KeyHasher } from "./keyHasher";
import type { Pair } from "./merge";
import type { Row } from "./row";
import { keyText } from "./tally";

type Side = keyof Pair;

const NOTHING = new Uint8Array(0);

/** One key of a round with what each side holds there. */
export interface HeldPair {
  source?: Row;
  destination?: Row;
  /** Bodies are kept; not so where there was no room, or where both sides were seen to be equal. */
  hasBodies: boolean;
}

/**
 * What both sides hold in the buckets of one round, paired by key. Bodies are kept as far as there is room, and let go
 * of once both sides are seen to be equal.
 */
export class RoundRows {
  private readonly held = new Map<string, HeldPair>();
  private readonly hasher = new KeyHasher();
  private bodiesBytes = 0;

  constructor(private readonly bodiesBytesMax = ROUND_BODIES_BYTES_MAX) {}

  get pairs(): Iterable<HeldPair> {
    return this.held.values();
  }

  /** Bytes of bodies that are kept now. */
  get bytesOfBodies(): number {
    return this.bodiesBytes;
  }

  /** A row that is met twice, because it was written while it was being read, counts as it was met last. */
  add(side: Side, row: Row): void {
    const name = keyText(row);
    let pair = this.held.get(name);
    if (!pair) {
      pair = { hasBodies: true };
      this.held.set(name, pair);
    }
    this.release(pair[side]);
    delete pair[side];
    pair[side] = this.keep(pair, row);
    const { source, destination } = pair;
    if (source && destination && source.digest === destination.digest) this.letGo(pair);
  }

  /** Sums of what was collected, in place of what an earlier look at these buckets saw. */
  sum(side: Side, sums: BucketSums, buckets: readonly number[], seed: number): void {
    buckets.forEach((bucket) => sums.clear(bucket));
    for (const pair of this.held.values()) {
      const row = pair[side];
      if (!row) continue;
      const hash = this.hasher.hash(row);
      sums.add(bucketOf(hash, seed), hash, row, row.digest);
    }
  }

  /** A page's bodies share memory: what is kept is a copy. */
  private keep(pair: HeldPair, { partitionKey, rowKey, body, digest, modified, version }: Row): Row {
    if (pair.hasBodies && this.bodiesBytes + body.length > this.bodiesBytesMax) this.letGo(pair);
    const kept = pair.hasBodies ? new Uint8Array(body) : NOTHING;
    this.bodiesBytes += kept.length;
    return { partitionKey, rowKey, body: kept, digest, modified, version };
  }

  private letGo(pair: HeldPair): void {
    pair.hasBodies = false;
    for (const side of ["source", "destination"] as const) {
      const row = pair[side];
      this.release(row);
      if (row) pair[side] = { ...row, body: NOTHING };
    }
  }

  private release(row: Row | undefined): void {
    if (row) this.bodiesBytes -= row.body.length;
  }
}
