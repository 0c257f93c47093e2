import { BUCKETS, type BucketSums } from "./keyBuckets";

/** Keys, digests and versions of both sides that one round collects, at most, unless one bucket alone has more. */
export const ROUND_BYTES_MAX = 24 * 1024 * 1024;

/** Bodies that a round keeps beside them; of rows that differ and found no room both sides are read once more. */
export const ROUND_BODIES_BYTES_MAX = 8 * 1024 * 1024;

/** Buckets that one round looks into. */
export class Selection {
  private readonly selected = new Uint8Array(BUCKETS);
  readonly buckets: number[] = [];
  bytes = 0;

  add(bucket: number, bytes: number): void {
    this.selected[bucket] = 1;
    this.buckets.push(bucket);
    this.bytes += bytes;
  }

  has(bucket: number): boolean {
    return this.selected[bucket] === 1;
  }
}

/** Takes buckets off the list's end, as many as fit one round. */
export function nextRound(open: number[], sides: readonly BucketSums[], bytesMax: number): Selection {
  const selection = new Selection();
  for (let bucket = open.at(-1); bucket !== undefined; bucket = open.at(-1)) {
    let bytes = 0;
    for (const side of sides) bytes += side.bytes[bucket] as number;
    if (selection.buckets.length > 0 && selection.bytes + bytes > bytesMax) break;
    selection.add(bucket, bytes);
    open.pop();
  }
  return selection;
}
