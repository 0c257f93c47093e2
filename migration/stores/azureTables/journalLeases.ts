import type { Clock } from "../../engine/clock";
import { OperationalError } from "../../engine/errors";
import { type Lease, LEASE_TERM_MS, type LeaseHolder } from "../../engine/journal";
import type { Row } from "../../engine/row";
import type { BatchOutcome, Store, WriteOperation } from "../../engine/store";
import { readEntity, writeEntity } from "./journalEntity";

const LEASE_PARTITION = "lease";

/** Servers tell their clock in whole seconds: a term is over a second after it looks over. */
const CLOCK_GRAIN_MS = 1_000;

const POLL_INTERVAL_MS = 1_000;

/** Each but the last may meet a request to stop that came between reading the lease and writing it. */
const RENEWAL_ATTEMPTS = 4;

export interface LeaseOptions {
  readonly clock: Clock;
  /** The term of the leases taken; default LEASE_TERM_MS. It is written into the lease, for those who wait. */
  readonly termMs?: number;
  /** Told once when a run begins to wait for a holder that may have died. */
  readonly waiting?: (holder: LeaseHolder, remainingMs: number) => void;
}

interface Held {
  readonly row: Row;
  readonly holder: LeaseHolder;
  readonly stop: boolean;
  /** By the server's clock. */
  readonly remainingMs: number;
}

/**
 * Leases as entities, guarded by their ETags. Terms are measured by the server's clock alone (its Timestamp of the
 * last renewal against its Date now), so machines whose clocks disagree cannot both believe that they hold one.
 */
export class TableLeases {
  readonly termMs: number;
  /** Destination table, lower case -> the run that took its lease here. */
  private readonly taken = new Map<string, string>();

  constructor(
    private readonly store: Store,
    private readonly table: string,
    private readonly options: LeaseOptions,
  ) {
    this.termMs = options.termMs ?? LEASE_TERM_MS;
  }

  async acquire(destinationTable: string, holder: LeaseHolder, signal: AbortSignal): Promise<Lease> {
    let seen: string | undefined;
    for (;;) {
      const askedAtMs = this.options.clock.now();
      const leaseOf = (version: string) => this.lease(destinationTable, holder, version, askedAtMs);
      const held = await this.find(destinationTable);
      if (!held) {
        const version = await this.take(destinationTable, holder, "insert");
        if (version !== undefined) return leaseOf(version);
        continue;
      }
      // An attempt of our own whose answer was lost.
      if (held.holder.runId === holder.runId) return leaseOf(held.row.version);
      if (held.remainingMs <= 0) {
        const version = await this.take(destinationTable, holder, "replace", held.row.version);
        if (version !== undefined) return leaseOf(version);
        continue;
      }
      if (seen !== undefined && seen !== held.row.version) throw leaseHeld(destinationTable, held.holder);
      if (seen === undefined) this.options.waiting?.(held.holder, held.remainingMs);
      seen = held.row.version;
      await this.options.clock.sleep(Math.min(POLL_INTERVAL_MS, held.remainingMs), signal);
    }
  }

  async stopRequested(runId: string): Promise<boolean> {
    return (await this.all()).some(({ holder, stop }) => stop && holder.runId === runId);
  }

  async requestStop(destinationTable?: string): Promise<readonly LeaseHolder[]> {
    const wanted = destinationTable?.toLowerCase();
    const asked: LeaseHolder[] = [];
    for (const { row, holder, remainingMs } of await this.all()) {
      if (remainingMs <= 0 || (wanted !== undefined && row.rowKey !== wanted)) continue;
      const outcome = await this.write(row.rowKey, holder, true, { kind: "replace", version: "*" });
      if (outcome.committed) asked.push(holder);
      else if (outcome.reason !== "gone") throw outcome.error;
    }
    return asked;
  }

  private async all(): Promise<readonly Held[]> {
    const range = {
      after: { partitionKey: LEASE_PARTITION, rowKey: "" },
      upTo: { partitionKey: LEASE_PARTITION, rowKey: "~" },
    };
    const found: Held[] = [];
    for (let next: Parameters<Store["readPage"]>[1] | undefined = { range }; next; ) {
      const page = await this.store.readPage(this.table, next);
      for (const row of page.rows) {
        const entity = readEntity(row);
        const holder = { runId: entity.text("runId"), owner: entity.text("owner"), since: entity.text("since") };
        const endMs = Date.parse(row.modified) + entity.number("termMs") + CLOCK_GRAIN_MS;
        found.push({ row, holder, stop: entity.flag("stop"), remainingMs: endMs - page.serverTimeMs });
      }
      next = page.next ? { range, continuation: page.next } : undefined;
    }
    return found;
  }

  private async find(destinationTable: string): Promise<Held | undefined> {
    return (await this.all()).find(({ row }) => row.rowKey === destinationTable.toLowerCase());
  }

  private write(
    rowKey: string,
    holder: LeaseHolder,
    stop: boolean,
    how: Pick<WriteOperation, "kind" | "version">,
  ): Promise<BatchOutcome> {
    const key = { partitionKey: LEASE_PARTITION, rowKey };
    const body = writeEntity({ ...key, properties: { ...holder, stop, termMs: this.termMs } });
    return this.store.write(this.table, [{ ...how, key, body }]);
  }

  /** The version we hold, or undefined when somebody else was quicker. */
  private async take(
    destinationTable: string,
    holder: LeaseHolder,
    kind: "insert" | "replace",
    version?: string,
  ): Promise<string | undefined> {
    const how = version === undefined ? { kind } : { kind, version };
    const outcome = await this.write(destinationTable.toLowerCase(), holder, false, how);
    if (outcome.committed) return outcome.versions[0] ?? "";
    if (outcome.reason === "invalid") throw outcome.error;
    return undefined;
  }

  /** Throws `LeaseLost` where another run took what was taken here. */
  async mustHold(destinationTable: string): Promise<void> {
    const runId = this.taken.get(destinationTable.toLowerCase());
    if (runId === undefined) return;
    const held = await this.find(destinationTable);
    if (held?.holder.runId !== runId) throw leaseLost(destinationTable, held?.holder);
  }

  private lease(destinationTable: string, holder: LeaseHolder, firstVersion: string, askedAtMs: number): Lease {
    let version = firstVersion;
    let stop = false;
    const rowKey = destinationTable.toLowerCase();
    this.taken.set(rowKey, holder.runId);
    return {
      destinationTable,
      askedAtMs,
      renew: async () => {
        for (let attempt = 0; attempt < RENEWAL_ATTEMPTS; attempt += 1) {
          const outcome = await this.write(rowKey, holder, stop, { kind: "replace", version });
          if (outcome.committed) {
            version = outcome.versions[0] ?? "";
            return;
          }
          if (outcome.reason === "invalid") throw outcome.error;
          const held = await this.find(destinationTable);
          if (held?.holder.runId !== holder.runId) throw leaseLost(destinationTable, held?.holder);
          // A request to stop, or a renewal of ours whose answer was lost: still ours, and what it says is kept.
          ({ stop } = held);
          ({ version } = held.row);
        }
        throw leaseContended(destinationTable);
      },
      release: async () => {
        const held = await this.find(destinationTable);
        if (held?.holder.runId !== holder.runId) return;
        const key = { partitionKey: LEASE_PARTITION, rowKey };
        await this.store.write(this.table, [{ kind: "delete", key, version: held.row.version }]);
      },
    };
  }
}

function leaseHeld(table: string, { owner, since, runId }: LeaseHolder): OperationalError {
  return new OperationalError({
    code: "LeaseHeld",
    message:
      `Table ${table} is being worked on by ${owner} since ${since} (run ${runId}). Two runs at once could undo each ` +
      "other's work. Wait for it, or stop it with `landbridge stop`, then run the same command again.",
  });
}

function leaseContended(table: string): OperationalError {
  return new OperationalError({
    code: "LeaseContended",
    retryable: true,
    message: `The lease on table ${table} was changed by others whenever it was renewed. It is tried again; if this ` +
      "stays so, see who calls `landbridge stop` again and again.",
  });
}

function leaseLost(table: string, other: LeaseHolder | undefined): OperationalError {
  const who = other ? `${other.owner} took it (run ${other.runId})` : "it is gone from the journal";
  return new OperationalError({
    code: "LeaseLost",
    message:
      `The lease on table ${table} was lost: ${who}. This machine was away for longer than the lease's term. ` +
      "What was acknowledged stays; run the same command again to go on from there.",
  });
}
