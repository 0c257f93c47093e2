import type { Change, ChangeResult } from "../apply";
import { applyChanges, isChange, rulesOf } from "../applyChanges";
import { decide, type Decision } from "../plan";
import { RECEIPT_BYTES } from "../receipts";
import type { Row } from "../row";
import { scanPages } from "../scan";
import { renamedPages } from "../transform";
import { destinationRows } from "./destinationRows";
import { Recording } from "./recording";
import type { RowRecords } from "./rowRecords";
import { type Piece, StretchWalk } from "./stretch";
import type { SyncingTable } from "./syncing";
import { workPieces } from "./workPieces";

interface Planned {
  readonly row: Row;
  readonly present: Row | undefined;
  readonly decision: Decision;
}

/**
 * Applies what the source changed since a moment of its own clock: finds the rows by their Timestamp, looks at what the
 * destination holds there, writes under conditions, and records. Deletions leave no trace in the source: passes over
 * both sides find them. Throws `StretchFull` where such a pass is needed first.
 */
export async function backfill(syncing: SyncingTable, sinceMs: number): Promise<void> {
  const { run, settings } = syncing;
  const { source } = run.context;
  const filter = settings.filter === undefined ? {} : { filter: settings.filter };
  const request = { changedSince: new Date(sinceMs).toISOString(), ...filter };
  const pages = renamedPages(syncing, scanPages(run.reading, source, settings.table, request));
  const recording = new Recording(syncing);
  const walk = new StretchWalk(recording.readSegments, { whole: false });
  await workPieces(run, walk.pieces(pages), (piece) => backfillPiece(syncing, recording, piece));
}

async function backfillPiece(syncing: SyncingTable, recording: Recording, piece: Piece): Promise<void> {
  const { stretch: { records }, rows } = piece;
  const { tally, numbers, run } = syncing;
  const open = rows.filter((row) => !records.isSettled(row, row.digest));
  tally.rows += rows.length;
  tally.unchanged += rows.length - open.length;
  if (open.length === 0) return;
  const planned = await plan(syncing, records, open);
  numbers.changed += planned.filter(({ decision }) => decision.kind !== "unchanged").length;
  const changes = planned.map(({ decision }) => decision).filter(isChange);
  if (changes.length > 0) {
    for (const one of planned) intend(syncing, records, one);
    await recording.records(piece);
  }
  const { results, failure } = await applyChanges(syncing, changes);
  // The piece is acknowledged only where none failed.
  if (failure !== undefined) throw failure;
  const resultOf = new Map(changes.map((change, at) => [change, results[at] as ChangeResult]));
  for (const one of planned) await settle(syncing, records, one, resultOf);
  await recording.records(piece);
  run.meter.tick();
}

async function plan(
  syncing: SyncingTable,
  records: RowRecords,
  rows: readonly Row[],
): Promise<readonly Planned[]> {
  const { run, settings } = syncing;
  const rules = rulesOf(run, settings);
  const present = await destinationRows(syncing, rows, records.length / RECEIPT_BYTES);
  return rows.map((row, at) => {
    const destination = present[at];
    const standing = () => (destination ? records.standing(destination) : "unrecorded");
    const decision = decide(run.context.format, { source: row, destination }, standing, rules);
    return { row, present: destination, decision };
  });
}

/** Beside how the row is now, what is about to be written: a run that is killed here recognises both. */
function intend({ run }: SyncingTable, records: RowRecords, { row, present, decision }: Planned): void {
  if (decision.kind !== "write") return;
  const merges = decision.operation.kind === "merge" && present !== undefined;
  const written = merges ? run.context.format.merged(row, present) : row;
  if (present && records.standing(present) === "asLeft") records.settle(row, present.digest, present.version);
  records.intend(row, written.digest);
}

async function settle(
  { tally, numbers }: SyncingTable,
  records: RowRecords,
  { row, decision }: Planned,
  results: ReadonlyMap<Change, ChangeResult>,
): Promise<void> {
  if (decision.kind === "unchanged") {
    tally.unchanged += 1;
    return records.settle(row, row.digest, decision.destination.version);
  }
  if (decision.kind === "conflict") return tally.note("conflict", row, decision.differences);
  const result = isChange(decision) ? results.get(decision) : undefined;
  if (result?.kind === "written") {
    tally.written += 1;
    numbers.backfilled += 1;
    records.settle(row, row.digest, result.version);
  }
  if (result?.kind === "conflict") await tally.note("conflict", row, result.differences);
  if (result?.kind === "refused") await tally.refuse(row, result.error, result.replaces);
}
