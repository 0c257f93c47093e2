import type { RowKey } from "./row";
import type { SyncRecord } from "./sync/syncRecord";

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
  /** When it was asked for, in milliseconds by this machine's clock: its term counts from there at the latest. */
  readonly askedAtMs: number;
  /** Keeps the lease for another term. Throws `LeaseLost` when somebody else took it. */
  renew(): Promise<void>;
  /** Gives it up; a lease that somebody else took is left alone. */
  release(): Promise<void>;
}

/** The highest sequence of a segment. */
export const SEQUENCE_MAX = Number.MAX_SAFE_INTEGER;

/** Ranges of a table's record, at most; finished neighbours become one, so this bounds how finely one is divided. */
export const RANGES_RECORDED_MAX = 20;

/**
 * A stretch of a table that is worked on by itself. Ranges follow each other in key order: each begins behind the
 * `upTo` of the one before it, and its segments' sequences lie above its `firstSequence`, up to and including that of
 * the next range.
 */
export interface RangeRecord {
  /** The last key of the range, inclusive; absent for the last range. */
  readonly upTo?: RowKey | undefined;
  readonly firstSequence: number;
  /** Everything of the range up to and including this key is acknowledged in this pass; absent at its beginning. */
  readonly position?: RowKey | undefined;
  /** The last segment acknowledged in this pass; `firstSequence` before the first. */
  readonly sequence: number;
  /** Everything of the range is acknowledged in this pass. */
  readonly complete: boolean;
}

/** Where a table stands: one record per migration. */
export interface TableRecord {
  /** Counts the converging passes, from 1. */
  readonly pass: number;
  /** The pass went through to the end. */
  readonly complete: boolean;
  /** In key order; at least one. */
  readonly ranges: readonly RangeRecord[];
  /** What decides how rows are mapped (mode, renames, filter); a change restarts an open pass. */
  readonly mapping: string;
  /** Source rows seen by the last complete pass. */
  readonly rows?: number | undefined;
  /** Where a live move stands; absent for a plain copy, and in journals of earlier releases. */
  readonly sync?: SyncRecord | undefined;
}

/** A table as one range that nobody worked on yet. */
export const WHOLE_TABLE: RangeRecord = { firstSequence: 0, sequence: 0, complete: false };

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
  /**
   * Segments with sequence > `afterSequence`, in order; at most a page's worth (or `segmentsMax`), empty at the end.
   */
  readSegments(
    migration: MigrationKey,
    afterSequence: number,
    segmentsMax?: number,
  ): Promise<readonly SegmentRecord[]>;
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
