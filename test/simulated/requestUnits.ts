import type { Gatekeeper, RequestUnitBudget, Spending } from "./budget";
import { ServiceError } from "./errors";
import { hash32 } from "./hash";
import { TokenBucket } from "./tokenBucket";

/**
 * learn.microsoft.com/azure/cosmos-db/request-units: a point read of 1 KB is one unit, writing 1 KB about five, and
 * a query somewhat more than the reads it stands for.
 */
const UNITS_PER_KIB = { read: 1, write: 5, query: 1 } as const;
const QUERY_BASE_UNITS = 2.5;

/** What a request costs. */
export function requestUnits({ kind, bytes, partitionKeys }: Spending): number {
  const kib = Math.max(1, Math.ceil(bytes / 1024), kind === "write" ? partitionKeys.length : 0);
  return kib * UNITS_PER_KIB[kind] + (kind === "query" ? QUERY_BASE_UNITS : 0);
}

/** Which physical partition a partition key lives on. */
export function physicalPartition(partitionKey: string, physicalPartitions: number): number {
  return hash32(partitionKey) % physicalPartitions;
}

const MESSAGE =
  'Message: {"Errors":["Request rate is large. More Request Units may be needed, so no changes were made. Please ' +
  'retry this request later. Learn more: http://aka.ms/cosmosdb-error-429"]}';

/** The refusal, and what it says of the time to wait. */
export function tooManyRequests(waitMs: number | undefined): ServiceError {
  const headers: Record<string, string> = {};
  if (waitMs !== undefined) headers["x-ms-retry-after-ms"] = String(waitMs);
  return new ServiceError(429, "TooManyRequests", MESSAGE, headers);
}

/** Units a second per table, spread evenly over physical partitions. A request comes in where one unit is left. */
export class RequestUnits implements Gatekeeper {
  private readonly buckets = new Map<string, TokenBucket>();

  constructor(private readonly budget: RequestUnitBudget) {}

  refusal(spending: Spending, nowMs: number): ServiceError | undefined {
    const count = this.budget.physicalPartitions ?? 1;
    const touched = new Set(spending.partitionKeys.map((key) => physicalPartition(key, count)));
    // A page without rows asked every partition; its price is small, and the first one pays.
    if (touched.size === 0) touched.add(0);
    const buckets = [...touched].map((partition) => this.bucket(spending.table, partition, nowMs));
    const waitMs = Math.max(...buckets.map((bucket) => bucket.waitMs(1, nowMs)));
    if (waitMs > 0) return tooManyRequests(this.budget.retryHeader === true ? waitMs : undefined);
    const units = requestUnits(spending) / buckets.length;
    for (const bucket of buckets) bucket.take(units, nowMs);
    return undefined;
  }

  private bucket(table: string, partition: number, nowMs: number): TokenBucket {
    const name = `${table}/${partition}`;
    const known = this.buckets.get(name);
    if (known !== undefined) return known;
    const share = this.budget.unitsPerSecond / (this.budget.physicalPartitions ?? 1);
    const made = new TokenBucket(share, share, nowMs);
    this.buckets.set(name, made);
    return made;
  }
}
