import { differencesOf } from "../plan";
import { RECEIPT_BYTES } from "../receipts";
import type { Row } from "../row";
import type { PropertyDifference } from "../rowFormat";
import type { WriteOperation } from "../store";
import { togetherEach } from "../together";
import { decideLate, type LateDecision, type LateReason, overwrite } from "./decideLate";
import { destinationRows } from "./destinationRows";
import type { Recording } from "./recording";
import type { RowRecords } from "./rowRecords";
import type { Piece } from "./stretch";
import type { SyncingTable } from "./syncing";
import { writeLate } from "./writeLate";

/** How often a row that somebody keeps writing is overwritten in vain before it counts as a conflict all the same. */
const OVERWRITES_MAX = 3;

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
  for (const { row, present, decision } of late) {
    const conflict = decision.kind === "conflict" && syncing.sync.lateConflicts === "source-wins";
    const operation = decision.kind === "write" ? decision.operation
      : conflict ? overwrite(row, present, syncing.settings.mode) : undefined;
    if (operation) intend(syncing, records, row, present, operation);
  }
  await recording.records({ stretch: piece.stretch });
  await togetherEach(late, run.settings.concurrency, (one) => carryOut(syncing, records, one));
  await recording.records({ stretch: piece.stretch });
}

async function plan(syncing: SyncingTable, records: RowRecords, rows: readonly Row[]): Promise<readonly Late[]> {
  const { run, settings } = syncing;
  const present = await destinationRows(syncing, rows, records.length / RECEIPT_BYTES);
  return rows.map((row, at) => {
    const found = present[at];
    const known = { recorded: records.has(row), wasThere: records.wasThere(row) };
    const standing = found ? records.standing(found) : "unrecorded";
    const decision = decideLate(run.context.format, settings.mode, row, known, found, standing);
    return { row, present: found, decision };
  });
}

/** What the row will hold once the operation is carried out. */
function writtenBy({ run }: SyncingTable, row: Row, present: Row | undefined, { kind }: WriteOperation): Row {
  return kind === "merge" && present ? run.context.format.merged(row, present) : row;
}

function intend(
  syncing: SyncingTable,
  records: RowRecords,
  row: Row,
  present: Row | undefined,
  operation: WriteOperation,
): void {
  if (present && records.standing(present) === "asLeft") records.settle(row, present.digest, present.version);
  records.intend(row, writtenBy(syncing, row, present, operation).digest);
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
  switch (syncing.sync.lateConflicts) {
    case "destination-wins":
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
    if (result.kind === "refused") return tally.skip(result.error.code);
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
