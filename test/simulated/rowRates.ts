import type { Gatekeeper, RowBudget, Spending } from "./budget";
import type { ServiceError } from "./errors";
import { refuse } from "./errors";
import { TokenBucket } from "./tokenBucket";

/** Partitions remembered before those at rest are forgotten. */
const PARTITIONS_MAX = 10_000;

/** Rows a second per partition and per account. A write has to fit; a page may overdraw, and the next one waits. */
export class RowRates implements Gatekeeper {
  private account: TokenBucket | undefined;
  private readonly partitions = new Map<string, TokenBucket>();

  constructor(private readonly budget: RowBudget) {}

  refusal({ table, partitionKeys, kind }: Spending, nowMs: number): ServiceError | undefined {
    const { readsAreFree, retryAfterSeconds } = this.budget;
    if (kind !== "write" && readsAreFree === true) return undefined;
    const shares = countBy(partitionKeys);
    const wanted = kind === "write" ? partitionKeys.length : 1;
    const whole = this.whole(nowMs);
    const first = partitionKeys[0];
    const partition = first === undefined ? undefined : this.partition(table, first, nowMs);
    if ((whole?.waitMs(wanted, nowMs) ?? 0) > 0 || (partition?.waitMs(wanted, nowMs) ?? 0) > 0) {
      return refuse.busy(503, retryAfterSeconds);
    }
    // A page without rows was looked for all the same.
    whole?.take(Math.max(1, partitionKeys.length), nowMs);
    for (const [key, rows] of shares) this.partition(table, key, nowMs)?.take(rows, nowMs);
    return undefined;
  }

  private whole(nowMs: number): TokenBucket | undefined {
    const { accountRowsPerSecond: rate } = this.budget;
    if (rate !== undefined) this.account ??= this.bucket(rate, this.budget.burstSeconds, nowMs);
    return this.account;
  }

  private partition(table: string, partitionKey: string, nowMs: number): TokenBucket | undefined {
    const { partitionRowsPerSecond: rate } = this.budget;
    if (rate === undefined) return undefined;
    const name = `${table.toLowerCase()}/${partitionKey}`;
    const known = this.partitions.get(name);
    if (known !== undefined) return known;
    if (this.partitions.size >= PARTITIONS_MAX) {
      for (const [key, bucket] of this.partitions) if (bucket.isFull(nowMs)) this.partitions.delete(key);
    }
    const { burstSeconds, partitionBurstSeconds = burstSeconds } = this.budget;
    const made = this.bucket(rate, partitionBurstSeconds, nowMs);
    this.partitions.set(name, made);
    return made;
  }

  private bucket(rate: number, burstSeconds: number | undefined, nowMs: number): TokenBucket {
    return new TokenBucket(rate, rate * (burstSeconds ?? 1), nowMs);
  }
}

function countBy(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
