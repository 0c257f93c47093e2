import type { Hash64 } from "./hash64";
import { BUCKETS } from "./keyBuckets";

type Words = Pick<Hash64, "high" | "low">;

/**
 * Keys with their versions as sums per bucket: of the destination's rows, and of what receipts say of them. Equal sums:
 * each row has the one receipt that tells how it was left, by accident's odds. Memory: 8 bytes a bucket, 0.5 MiB.
 */
export class VersionSums {
  private readonly high = new Uint32Array(BUCKETS);
  private readonly low = new Uint32Array(BUCKETS);

  add(bucket: number, key: Words, version: Words): void {
    (this.high[bucket] as number) += Math.imul(key.high ^ version.low, 0x9e3779b1) ^ key.low;
    (this.low[bucket] as number) += Math.imul(key.low ^ version.high, 0x85ebca6b) ^ key.high;
  }

  isLike(other: VersionSums, bucket: number): boolean {
    return this.high[bucket] === other.high[bucket] && this.low[bucket] === other.low[bucket];
  }
}
