import type { OperationalError } from "./errors";
import type { Pair } from "./merge";
import { DIGEST_MODULUS, type RowKey } from "./row";
import type { Difference, DifferenceClass, SideSummary } from "./outcome";
import type { PropertyDifference } from "./rowFormat";
import type { TableSettings } from "./settings";

/** Differences of each class kept for the report; all of them go to the differences file. */
export const SAMPLES_PER_CLASS_MAX = 20;

/** Conflicts remembered so that the verification after a copy does not count them twice. */
export const CONFLICTS_REMEMBERED_MAX = 100_000;

/** Counts rows of one side and, where values are read, sums their digests. */
export class SideTally {
  private count = 0;
  private digest = 0n;

  constructor(private readonly keysOnly: boolean) {}

  /** Digests are reduced once for many: a division per row would cost more than the sum. */
  add(pairs: readonly Pair[], side: keyof Pair): void {
    let sum = this.digest;
    for (const pair of pairs) {
      const row = pair[side];
      if (!row) continue;
      this.count += 1;
      if (!this.keysOnly) sum += row.digest;
    }
    this.digest = sum % DIGEST_MODULUS;
  }

  /** Rows that were counted and summed elsewhere. */
  addSum({ count, digest }: { readonly count: number; readonly digest: bigint }): void {
    this.count += count;
    this.digest = (this.digest + digest) % DIGEST_MODULUS;
  }

  get rows(): number {
    return this.count;
  }

  summary(): SideSummary {
    return this.keysOnly ? { count: this.count } : { count: this.count, digest: this.digest };
  }
}

/** What one table's copy and verification came to, while they run. */
export class TableTally {
  written = 0;
  unchanged = 0;
  deleted = 0;
  missing = 0;
  extra = 0;
  different = 0;
  inFlight = 0;
  conflicts = 0;
  /** Source rows dealt with in the current phase. */
  rows = 0;
  /** Rows that the destination holds after the pass, as far as it was read and acknowledged. */
  held = 0;
  private readonly skippedByReason = new Map<string, number>();
  private readonly sampled = new Map<DifferenceClass, Difference[]>();
  private readonly conflictKeys = new Set<string>();

  constructor(
    private readonly settings: TableSettings,
    private readonly sink: (difference: Difference) => void | Promise<void>,
  ) {}

  get differences(): number {
    return this.missing + this.extra + this.different + this.conflicts;
  }

  /** Another pass sees every row again: what it finds is found anew; what was written and deleted stays. */
  startPass(): void {
    this.rows = 0;
    this.held = 0;
    this.unchanged = 0;
    this.conflicts = 0;
    this.skippedByReason.clear();
    this.sampled.delete("conflict");
    // Of a live move's pass; a verification counts in a tally of its own.
    for (const kind of ["missing", "extra", "different"] as const) {
      this[kind] = 0;
      this.sampled.delete(kind);
    }
  }

  skip(reason: string): void {
    this.skippedByReason.set(reason, (this.skippedByReason.get(reason) ?? 0) + 1);
  }

  /** A row that the destination refuses, of a live move: no verification follows that would name it. */
  async refuse(key: RowKey, error: OperationalError, present: boolean): Promise<void> {
    this.skip(error.code);
    await this.note(present ? "different" : "missing", key, [], error.message);
  }

  get skipped(): { reason: string; count: number }[] {
    return [...this.skippedByReason].map(([reason, count]) => ({ reason, count }));
  }

  /** Everything that was read was dealt with. */
  get isSettled(): boolean {
    return this.conflicts === 0 && this.skippedByReason.size === 0;
  }

  get skippedRows(): number {
    let sum = 0;
    for (const count of this.skippedByReason.values()) sum += count;
    return sum;
  }

  get samples(): readonly Difference[] {
    return [...this.sampled.values()].flat();
  }

  async note(
    kind: DifferenceClass,
    key: RowKey,
    properties: readonly PropertyDifference[] = [],
    reason?: string,
  ): Promise<void> {
    const { table, destinationTable } = this.settings;
    const { partitionKey, rowKey } = key;
    const where = { class: kind, table, destinationTable, partitionKey, rowKey };
    const difference: Difference = { ...where, properties, ...(reason === undefined ? {} : { reason }) };
    this[kind === "conflict" ? "conflicts" : kind] += 1;
    // What has a reason was met while copying, and so may a later pass of the run meet it again.
    const again = kind === "conflict" || reason !== undefined;
    const told = again && this.isKnownConflict(key);
    if (again && this.conflictKeys.size < CONFLICTS_REMEMBERED_MAX) this.conflictKeys.add(keyText(key));
    const kept = this.sampled.get(kind) ?? [];
    if (kept.length < SAMPLES_PER_CLASS_MAX) this.sampled.set(kind, [...kept, difference]);
    // An earlier pass of this run listed it already.
    if (!told) await this.sink(difference);
  }

  /** The copy already reported this row as a conflict. */
  isKnownConflict(key: RowKey): boolean {
    return this.conflictKeys.size > 0 && this.conflictKeys.has(keyText(key));
  }
}

/** A key as text that no other key has. */
export function keyText(key: RowKey): string {
  return JSON.stringify([key.partitionKey, key.rowKey]);
}
