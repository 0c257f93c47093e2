import { Pace } from "./pace";
import type { RowKey } from "./row";

/** What a request asks of a service. */
export interface Load {
  /** What is throttled by itself: a partition of a table, for reads a range of one. */
  readonly lane: string;
  /** For people: `a partition of Cities`. */
  readonly where: string;
  readonly rows: number;
}

/** Rows that go into one partition. */
export function partitionLoad(table: string, partitionKey: string, rows: number): Load {
  return { lane: `${table} ${partitionKey}`, where: `a partition of ${table}`, rows };
}

/** A page of a scan: what it reads lies side by side, and mostly in one partition or on one server. */
export function pageLoad(table: string, after: RowKey | undefined, rows: number): Load {
  return { lane: `${table} behind ${after?.partitionKey ?? ""}`, where: `reading ${table}`, rows };
}

/** Lanes that are remembered, so that what they admitted is known when they refuse. */
const LANES_REMEMBERED_MAX = 1_024;

export interface Lane {
  readonly pace: Pace;
  /** One after the other waits for its turn. */
  tail: Promise<void>;
  queued: number;
}

export function newLane(): Lane {
  return { pace: new Pace(), tail: Promise.resolve(), queued: 0 };
}

/** The lanes of an account that were used last. One that is paced and comes back after it was forgotten learns anew. */
export class Lanes {
  private readonly lanes = new Map<string, Lane>();

  of(name: string): Lane {
    const known = this.lanes.get(name);
    if (known) {
      if (this.lanes.size < LANES_REMEMBERED_MAX) return known;
      this.lanes.delete(name);
    }
    const lane = known ?? newLane();
    this.lanes.set(name, lane);
    if (this.lanes.size > LANES_REMEMBERED_MAX) this.forgetOldest();
    return lane;
  }

  /** Lessons since then were the account's fault. */
  forget(sinceMs: number): void {
    for (const { pace } of this.lanes.values()) pace.forget(sinceMs);
  }

  private forgetOldest(): void {
    const [oldest] = this.lanes.keys();
    if (oldest !== undefined) this.lanes.delete(oldest);
  }
}
