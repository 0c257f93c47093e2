import { OperationalError } from "../errors";
import { keyName } from "../receipts";
import { withRetry } from "../retry";
import type { Row, RowKey } from "../row";
import { scanPages } from "../scan";
import { throwIfStopped } from "../stop";
import { togetherEach } from "../together";
import type { LateReason } from "./decideLate";
import { noteConflict } from "./lateWriters";
import type { Recording } from "./recording";
import { RowRecords } from "./rowRecords";
import type { Stretch } from "./stretch";
import type { SyncingTable } from "./syncing";
import { writeLate } from "./writeLate";

/** Recorded keys without a row in the source that one run looks after; the next run goes on. Bounds memory (20 MB). */
export const LATE_DELETES_MAX = 100_000;

/** So few rows may all go at once without anybody asking: queues and locks look like that. */
const EMPTIED_ROWS_MIN = 100;

const REASON: LateReason = "deleted in the source, changed in the destination since the switch";

/** Recorded keys that a whole reading of the source did not show. Of a record only hashes of keys are known. */
export class Unclaimed {
  /** By the name of the key, the segment that records it. */
  readonly sequences = new Map<string, number>();
  /** There were more than fit. */
  more = false;
  /** All of them, those that did not fit included. */
  total = 0;

  /** `rows`: all that the source has within the stretch. */
  add({ records, sequence }: Stretch, rows: readonly RowKey[]): void {
    const claimed = new Set(rows.map(keyName));
    for (const name of records.names) if (!claimed.has(name)) this.addName(name, sequence);
  }

  addName(name: string, sequence: number): void {
    this.total += 1;
    if (this.sequences.size < LATE_DELETES_MAX) this.sequences.set(name, sequence);
    else this.more = true;
  }
}

/**
 * More rows would go than the source has left: somebody emptied the old table, or made it anew. The application lives
 * on the destination by now, and nothing would bring its rows back.
 */
function refuseEmptied({ settings }: SyncingTable, rowsLeft: number, rowsGone: number): void {
  if (rowsGone < EMPTIED_ROWS_MIN || rowsGone <= rowsLeft) return;
  throw new OperationalError({
    code: "SourceEmptied",
    message:
      `Table "${settings.table}" of the source has ${rowsLeft} rows, and ${rowsGone} that it had are gone since the ` +
      "switch: it looks emptied, or made anew, and the application's rows are not deleted for that. If they are to " +
      "stay, run again with deletes \"accept\"; if they are to go, delete them in the destination by hand.",
  });
}

/**
 * Carries deletions of the source over, where the destination's row is as landbridge left it. The destination is read
 * once, keys only and in any order, to find the keys that the record knows by their hashes. `rowsLeft`: how many the
 * source has. Throws `SourceEmptied`.
 */
export async function lateDeletes(
  syncing: SyncingTable,
  recording: Recording,
  unclaimed: Unclaimed,
  rowsLeft: number,
): Promise<void> {
  if (unclaimed.sequences.size === 0) return;
  const { run, settings } = syncing;
  const bySequence = new Map<number, { readonly rows: Row[]; readonly gone: string[] }>();
  const groupOf = (sequence: number) => {
    const group = bySequence.get(sequence) ?? { rows: [], gone: [] };
    bySequence.set(sequence, group);
    return group;
  };
  const left = new Map(unclaimed.sequences);
  const { destination } = run.context;
  for await (const { rows } of scanPages(run.writing, destination, settings.destinationTable, { keysOnly: true })) {
    throwIfStopped(run.signal);
    for (const row of rows) {
      const name = keyName(row);
      const sequence = left.get(name);
      if (sequence === undefined || !left.delete(name)) continue;
      groupOf(sequence).rows.push(row);
    }
  }
  if (run.settings.deletes === "propagate") refuseEmptied(syncing, rowsLeft, unclaimed.total - left.size);
  // On neither side: nothing is left to record.
  for (const [name, sequence] of left) groupOf(sequence).gone.push(name);
  for (const [sequence, { rows, gone }] of bySequence) {
    throwIfStopped(run.signal);
    const [segment] = await recording.readSegments(sequence - 1);
    if (segment?.sequence !== sequence) continue;
    const stretch = { ...segment, records: new RowRecords(segment.receipts), recorded: true };
    for (const name of gone) stretch.records.remove(name);
    await togetherEach(rows, run.settings.concurrency, (row) => lateDelete(syncing, stretch.records, row));
    await recording.records({ stretch });
  }
}

/** Whatever a run that was killed had written is known by its content only, which a list of keys does not show. */
function inFull({ run, settings }: SyncingTable, key: RowKey): Promise<Row | undefined> {
  return withRetry(run.writing, () => run.context.destination.readRow(settings.destinationTable, key));
}

async function lateDelete(syncing: SyncingTable, records: RowRecords, listed: Row): Promise<void> {
  const { run, settings, tally, numbers, sync } = syncing;
  const { source } = run.context;
  // A scan can miss a row that is there: before anything is deleted the source is asked for this one.
  if (await withRetry(run.reading, () => source.readRow(settings.table, listed))) return;
  const row = records.standing(listed) === "asLeft" ? listed : await inFull(syncing, listed);
  if (!row) return records.remove(keyName(listed));
  const { deletes } = run.settings;
  if (deletes === "report") return tally.note("extra", row);
  numbers.changed += 1;
  if (deletes === "accept") return records.remove(keyName(row));
  const asLeft = records.standing(row) === "asLeft";
  if (!asLeft && sync.lateConflicts === "destination-wins") return records.remove(keyName(row));
  if (!asLeft && sync.lateConflicts === "report") return noteConflict(syncing, row, REASON, []);
  const operation = { kind: "delete", key: row, version: row.version } as const;
  const result = await writeLate(syncing, operation, row.digest);
  if (result.kind === "failed") throw result.error;
  if (result.kind === "refused") return tally.refuse(row, result.error, true);
  // Somebody wrote it since it was read, a moment ago: they are at work on it, whatever the policy says.
  if (result.kind === "met") return noteConflict(syncing, row, REASON, []);
  tally.deleted += 1;
  numbers.lateApplied += 1;
  records.remove(keyName(row));
}
