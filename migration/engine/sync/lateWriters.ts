import { differencesOf } from "../plan";
import { RECEIPT_BYTES } from "../receipts";
import type { Row } from "../row";
import type { PropertyDifference } from "../rowFormat";
import { throwIfStopped } from "../stop";
import type { WriteOperation } from "../store";
import { settleEach } from "../together";
import { decideLate, type LateDecision, type LateReason, overwrite, PERHAPS_DELETED } from "./decideLate";
import { destinationRows } from "./destinationRows";
import type { Recording } from "./recording";
import type { RowRecords } from "./rowRecords";
import type { Piece, Stretch } from "./stretch";
import type { SyncingTable } from "./syncing";
import { writeLate } from "./writeLate";

/** How often a row that somebody keeps writing is overwritten in vain before it counts as a conflict all the same. */
const OVERWRITES_MAX = 3;

/**
 * Rows of a piece whose insert is under way at once. Of so many a run that is killed may leave behind the question
 * whether they arrived, which nobody can answer once the row is not there: people have to decide it.
 */
const INSERTS_AT_ONCE_MAX = 16;

interface Late {
  readonly row: Row;
  readonly present: Row | undefined;
  readonly decision: LateDecision;
}

/** Notes a late change that was left alone, with the reason. */
export function noteConflict(
  { tally, numbers }: SyncingTable,
  row: Row,
  reason: LateReason,
  differences: readonly PropertyDifference[],
): Promise<void> {
  numbers.lateConflicts += 1;
  return tally.note("conflict", row, differences, reason);
}

/** Applies what the source changed after the switch, where it cannot overwrite newer data. Rows come in key order. */
export async function latePiece(syncing: SyncingTable, recording: Recording, piece: Piece): Promise<void> {
  const { stretch: { records }, rows } = piece;
  const { tally, numbers, run } = syncing;
  const open = rows.filter((row) => !records.isSettled(row, row.digest));
  tally.rows += rows.length;
  tally.unchanged += rows.length - open.length;
  run.meter.tick();
  // A cut is recorded first, by itself: what follows speaks of the new segment alone.
  if (piece.cutOff) await recording.records(piece);
  if (open.length === 0) return;
  const late = await plan(syncing, records, open);
  numbers.changed += late.filter(({ decision: { kind } }) => kind === "write" || kind === "conflict").length;
  const inserts = late.filter((one) => operationOf(syncing, one)?.kind === "insert");
  recording.needRoom(piece.stretch, inserts.filter(({ row }) => !records.has(row)).length);
  await step(syncing, recording, piece.stretch, late.filter((one) => operationOf(syncing, one)?.kind !== "insert"));
  for (let at = 0; at < inserts.length; at += INSERTS_AT_ONCE_MAX) {
    throwIfStopped(run.signal);
    await step(syncing, recording, piece.stretch, inserts.slice(at, at + INSERTS_AT_ONCE_MAX));
  }
}

/** Says what is about to be done, does it, and says what became of it, be it that some of it failed. */
async function step(
  syncing: SyncingTable,
  recording: Recording,
  stretch: Stretch,
  late: readonly Late[],
): Promise<void> {
  if (late.length === 0) return;
  const { records } = stretch;
  const meant = late.filter((one) => intend(syncing, records, one));
  if (meant.length > 0) await recording.records({ stretch });
  const { concurrency } = syncing.run.settings;
  const carriedOut = await settleEach(late, concurrency, (one) => carryOut(syncing, records, one));
  await recording.records({ stretch });
  const failed = carriedOut.find((one) => one.status === "rejected");
  if (failed) throw failed.reason;
}

/** What is to be written; undefined where nothing is. */
function operationOf({ sync, settings }: SyncingTable, { row, present, decision }: Late): WriteOperation | undefined {
  if (decision.kind === "write") return decision.operation;
  const wins = decision.kind === "conflict" && sync.lateConflicts === "source-wins";
  return wins ? overwrite(row, present, settings.mode) : undefined;
}

async function plan(syncing: SyncingTable, records: RowRecords, rows: readonly Row[]): Promise<readonly Late[]> {
  const { run, settings } = syncing;
  const present = await destinationRows(syncing, rows, records.length / RECEIPT_BYTES);
  return rows.map((row, at) => {
    const found = present[at];
    const known = { wasThere: records.wasThere(row), isMeant: records.isMeant(row) };
    const standing = found ? records.standing(found) : "unrecorded";
    const decision = decideLate(run.context.format, settings.mode, row, known, found, standing);
    return { row, present: found, decision };
  });
}

/** What the row will hold once the operation is carried out. */
function writtenBy({ run }: SyncingTable, row: Row, present: Row | undefined, { kind }: WriteOperation): Row {
  return kind === "merge" && present ? run.context.format.merged(row, present) : row;
}

/** False where nothing is to be written. */
function intend(syncing: SyncingTable, records: RowRecords, late: Late): boolean {
  const operation = operationOf(syncing, late);
  if (operation === undefined) return false;
  const { row, present } = late;
  if (present && records.standing(present) === "asLeft") records.settle(row, present.digest, present.version);
  records.intend(row, writtenBy(syncing, row, present, operation).digest);
  return true;
}

async function carryOut(syncing: SyncingTable, records: RowRecords, late: Late): Promise<void> {
  const { decision, row } = late;
  switch (decision.kind) {
    case "settled":
      return records.settle(row, row.digest, decision.version);
    case "alike":
      syncing.tally.unchanged += 1;
      return records.decide(row, row.digest);
    case "write":
      return write(syncing, records, late, decision.operation);
    case "conflict":
      return byPolicy(syncing, records, late, decision.reason, decision.differences);
  }
}

async function byPolicy(
  syncing: SyncingTable,
  records: RowRecords,
  late: Late,
  reason: LateReason,
  differences: readonly PropertyDifference[],
): Promise<void> {
  const { row, present } = late;
  // What perhaps never arrived would be lost without a word: people hear of it once, even where the destination wins.
  const isUntold = reason === PERHAPS_DELETED && !records.wasTold(row);
  if (isUntold) records.tell(row);
  switch (syncing.sync.lateConflicts) {
    case "destination-wins":
      if (isUntold) return noteConflict(syncing, row, reason, differences);
      return records.decide(row, row.digest);
    case "source-wins":
      return write(syncing, records, late, overwrite(row, present, syncing.settings.mode));
    case "report":
      return noteConflict(syncing, row, reason, differences);
  }
}

async function write(
  syncing: SyncingTable,
  records: RowRecords,
  { row, present }: Late,
  first: WriteOperation,
): Promise<void> {
  const { tally, numbers, run, settings } = syncing;
  let operation = first;
  let before = present;
  for (let round = 1; ; round += 1) {
    const result = await writeLate(syncing, operation, writtenBy(syncing, row, before, operation).digest);
    if (result.kind === "done") {
      tally.written += 1;
      numbers.lateApplied += 1;
      return records.settle(row, row.digest, result.version);
    }
    if (result.kind === "failed") {
      if (!result.mayHaveArrived) records.takeBack(row);
      throw result.error;
    }
    if (result.kind === "refused") {
      records.takeBack(row);
      return tally.refuse(row, result.error, before !== undefined);
    }
    if (syncing.sync.lateConflicts === "destination-wins") return records.decide(row, row.digest);
    if (syncing.sync.lateConflicts === "report" || round >= OVERWRITES_MAX) {
      const differences = result.present
        ? differencesOf(run.context.format, row, result.present, settings.mode) : [];
      records.forgetIntents(row);
      return noteConflict(syncing, row, metReason(first, result.present), differences);
    }
    before = result.present;
    operation = overwrite(row, before, settings.mode);
  }
}

function metReason({ kind }: WriteOperation, present: Row | undefined): LateReason {
  if (!present) return "deleted in the destination since the switch";
  if (kind === "insert") return "new in the source and in the destination since the switch";
  return "changed in the destination while the late change was written";
}
