import type { RowKey } from "./row";

/** The journal's table in the destination account, unless the user names another. */
export const JOURNAL_TABLE = "landbridgejournal";

/** One source table on its way to one destination table: what the journal's records belong to. */
export interface MigrationKey {
  /** `Store.identity` of the source. */
  readonly source: string;
  readonly table: string;
  readonly destinationTable: string;
}

/** Who works on a table. */
export interface LeaseHolder {
  readonly runId: string;
  /** For people: user, host and process, such as `ops@runner-7 (process 4711)`. */
  readonly owner: string;
  /** ISO 8601. */
  readonly since: string;
}

/** A holder keeps a lease by renewing it well within its term; a run that died is waited out as long. */
export const LEASE_TERM_MS = 30_000;

export interface Lease {
  readonly destinationTable: string;
  /** Keeps the lease for another term. Throws `LeaseLost` when somebody else took it. */
  renew(): Promise<void>;
  /** Gives it up; a lease that somebody else took is left alone. */
  release(): Promise<void>;
}

/** Where a table stands: one record per migration. */
export interface TableRecord {
  /** Counts the converging passes, from 1. */
  readonly pass: number;
  /** The pass went through to the end. */
  readonly complete: boolean;
  /** Everything up to and including this key is acknowledged in this pass; absent before the first segment. */
  readonly position?: RowKey;
  /** The last segment acknowledged in this pass; 0 before the first. */
  readonly sequence: number;
  /** What decides how rows are mapped (mode, renames, filter); a change restarts an open pass. */
  readonly mapping: string;
  /** Source rows seen by the last complete pass. */
  readonly rows?: number;
}

/**
 * What a run left in a stretch of keys: for each row a receipt (see receipts.ts), and for writes under way an intent.
 * Segments cover the key space in the order of `sequence`; each ends with its `upTo`, inclusive.
 */
export interface SegmentRecord {
  readonly sequence: number;
  readonly upTo: RowKey;
  readonly receipts: Uint8Array;
}

/**
 * What survives the process. Every method makes one attempt and throws `OperationalError` as a store does.
 * The journal lives where the data goes, so that any machine can go on where another stopped.
 */
export interface Journal {
  /** The term of leases taken through this journal, in milliseconds. Others are waited out by their own. */
  readonly leaseTermMs: number;
  /** Makes sure the journal can be written; true when it had to be created. */
  open(): Promise<boolean>;
  /**
   * Takes the lease for a destination table, waiting out the term of a holder who no longer renews.
   * Throws `LeaseHeld`, with holder and since when, if the holder is alive.
   */
  acquireLease(destinationTable: string, holder: LeaseHolder, signal: AbortSignal): Promise<Lease>;
  /** Somebody asked this run to stop. */
  stopRequested(runId: string): Promise<boolean>;
  /** Asks whoever holds leases (on this table, or on any) to stop at the next acknowledged batch. */
  requestStop(destinationTable?: string): Promise<readonly LeaseHolder[]>;
  readTable(migration: MigrationKey): Promise<TableRecord | undefined>;
  /** Segments with sequence > `afterSequence`, in order; at most a page's worth, empty at the end. */
  readSegments(migration: MigrationKey, afterSequence: number): Promise<readonly SegmentRecord[]>;
  /** Writes segments and, in the same transaction, the table's record; `remove` are sequences that no longer exist. */
  commit(
    migration: MigrationKey,
    change: {
      readonly segments?: readonly SegmentRecord[];
      readonly remove?: readonly number[];
      readonly table?: TableRecord;
    },
  ): Promise<void>;
}
