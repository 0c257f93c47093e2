import type { Hash64 } from "./hash64";
import type { Digest, RowKey } from "./row";

const BUCKET_BITS = 16;

/** Buckets of a table. Of 10^7 rows about 150 a side share one, so that a difference costs a look at 300 rows. */
export const BUCKETS = 2 ** BUCKET_BITS;

const WORD = 64n;

/** What a key costs when its bucket is collected, beside its text: an entry, a row, a digest, a version, a time. */
const KEY_OVERHEAD_BYTES = 600;

/** Which bucket a key's hash belongs to; another seed spreads the same keys otherwise. */
export function bucketOf({ high, low }: Pick<Hash64, "high" | "low">, seed: number): number {
  return Math.imul(Math.imul(high ^ seed, 0x9e3779b1) ^ low, 0x85ebca6b) >>> (32 - BUCKET_BITS);
}

/**
 * One side of a table as sums per bucket, which no order of rows changes: how many rows, the sum of the hashes of
 * their keys (two words, modulo 2^32 each), the sum of their digests (modulo 2^128). Memory: 40 bytes a bucket,
 * 2.5 MiB in all.
 */
export class BucketSums {
  readonly counts = new Uint32Array(BUCKETS);
  /** What the bucket's rows take when they are collected without their bodies. */
  readonly bytes = new Float64Array(BUCKETS);
  private readonly keysHigh = new Uint32Array(BUCKETS);
  private readonly keysLow = new Uint32Array(BUCKETS);
  private readonly digestsHigh = new BigUint64Array(BUCKETS);
  private readonly digestsLow = new BigUint64Array(BUCKETS);

  add(bucket: number, { high, low }: Pick<Hash64, "high" | "low">, key: RowKey, digest: Digest): void {
    (this.counts[bucket] as number) += 1;
    (this.bytes[bucket] as number) += KEY_OVERHEAD_BYTES + 2 * (key.partitionKey.length + key.rowKey.length);
    (this.keysHigh[bucket] as number) += high;
    (this.keysLow[bucket] as number) += low;
    // Keys alone were read.
    if (digest === 0n) return;
    const sum = (this.digestsLow[bucket] as bigint) + BigInt.asUintN(64, digest);
    this.digestsLow[bucket] = sum;
    (this.digestsHigh[bucket] as bigint) += (digest >> WORD) + (sum >> WORD);
  }

  /** Forgets what a bucket held, to be told anew. */
  clear(bucket: number): void {
    for (const words of [this.counts, this.bytes, this.keysHigh, this.keysLow]) words[bucket] = 0;
    this.digestsHigh[bucket] = 0n;
    this.digestsLow[bucket] = 0n;
  }

  /** Equal sums: the same rows, by accident's odds. */
  isLike(other: BucketSums, bucket: number): boolean {
    return this.counts[bucket] === other.counts[bucket] &&
      this.keysHigh[bucket] === other.keysHigh[bucket] &&
      this.keysLow[bucket] === other.keysLow[bucket] &&
      this.digestsLow[bucket] === other.digestsLow[bucket] &&
      this.digestsHigh[bucket] === other.digestsHigh[bucket];
  }

  get total(): { readonly count: number; readonly digest: Digest } {
    let count = 0;
    let digest = 0n;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      count += this.counts[bucket] as number;
      digest += ((this.digestsHigh[bucket] as bigint) << WORD) + (this.digestsLow[bucket] as bigint);
    }
    return { count, digest };
  }
}
