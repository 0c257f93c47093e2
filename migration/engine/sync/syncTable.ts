import { mappingOf } from "../copyTable";
import { OperationalError } from "../errors";
import type { TableRecord } from "../journal";
import { shownQuietMs, verifyUntouched } from "./drain";
import { CANNOT_FOLLOW, keepInSync, reconcile } from "./inSync";
import { lateChanges, wholeLatePass, type WholeLook } from "./latePass";
import { checkMove, phaseOf } from "./phase";
import { Recording, StretchFull } from "./recording";
import { SourceTime } from "./sourceTime";
import type { DrainEvidence, SyncOutcome, SyncWork } from "./syncOutcome";
import type { SyncRecord } from "./syncRecord";
import type { SyncingTable } from "./syncing";

const HOUR_MS = 3_600_000;

/** What one phase's work came to, before it is put into words. */
interface Done {
  readonly record: TableRecord;
  readonly work: SyncWork;
  readonly notes: readonly string[];
  readonly evidence?: DrainEvidence;
}

/** Moves one table on to its phase, or does that phase's work again. `missing`: its destination was not there. */
export async function syncTable(syncing: SyncingTable, missing: boolean): Promise<SyncOutcome> {
  const recording = new Recording(syncing);
  const before = await recording.table();
  const { phase: wanted } = syncing.sync;
  checkMove(before, wanted, mappingOf(syncing.settings), syncing.settings);
  if (wanted === "done" && before !== undefined) return outcomeOf(syncing, before, await finish(syncing, before));
  const time = await SourceTime.ask(syncing);
  const done = await work(syncing, before, time, missing);
  return outcomeOf(syncing, before, done, time);
}

/** `time`: absent where the source was not asked. */
function outcomeOf(
  { sync, numbers }: SyncingTable,
  before: TableRecord | undefined,
  done: Done,
  time?: SourceTime,
): SyncOutcome {
  const { watermarkMs, phase } = done.record.sync ?? { phase: sync.phase, watermarkMs: undefined };
  const from = phaseOf(before);
  const moved = from !== undefined && from !== phase ? { movedFrom: from } : {};
  const follows = (phase === "sync" || phase === "switched") && watermarkMs !== undefined;
  const lag = follows && time !== undefined ? { lagMs: Math.max(0, time.latestMs - watermarkMs) } : {};
  const evidence = done.evidence ? { evidence: done.evidence } : {};
  return { phase, ...moved, work: done.work, watermarkMs, ...lag, ...numbers, ...evidence, notes: done.notes };
}

async function work(
  syncing: SyncingTable,
  record: TableRecord | undefined,
  time: SourceTime,
  missing: boolean,
): Promise<Done> {
  const { phase } = syncing.sync;
  if (phase === "sync" || record === undefined) return keepInSync(syncing, record, time, missing);
  requireTable(syncing, missing);
  if (phase === "drained") return drain(syncing, record, time);
  return phaseOf(record) === "sync" ? switchOver(syncing, record, time) : followLate(syncing, record, time);
}

function requireTable({ settings }: SyncingTable, missing: boolean): void {
  if (!missing) return;
  throw new OperationalError({
    code: "DestinationTableLost",
    message:
      `Table "${settings.destinationTable}" of the destination was not there, though rows were copied into it ` +
      "before. Somebody deleted it, or the credential leads to another account: look there before anything else.",
  });
}

/** The last pass over both sides, which freezes the record of every row; then the destination is the application's. */
async function switchOver(syncing: SyncingTable, before: TableRecord, time: SourceTime): Promise<Done> {
  const { tally, settings } = syncing;
  const record = await reconcile({ ...syncing, freezing: true }, before, time, false);
  const skipped = tally.skippedRows;
  if (!tally.isSettled) {
    throw new OperationalError({
      code: "SwitchRefused",
      message:
        `Table "${settings.table}" stays in phase "sync": ${tally.conflicts} conflicts and ${skipped} rows that the ` +
        "destination refuses stand between both sides. Put them right (--differences lists every one) or, where the " +
        "source is right, let it overwrite them (conflicts \"overwrite\"), and run again; do not move the " +
        "application yet.",
    });
  }
  const change: Partial<SyncRecord> = { phase: "switched", switchedMs: time.startedMs, look: undefined };
  const notes = ["The record of every row is frozen: move the application to the destination now."];
  return { record: await new Recording(syncing).sync(record, change), work: "reconcile", notes };
}

function isWholePassDue({ run, sync }: SyncingTable, record: TableRecord, nowMs: number): boolean {
  const { reconciledMs, watermarkMs = 0 } = record.sync ?? {};
  // The last whole pass left conflicts: a deletion that came late is not met again by following changes.
  if (reconciledMs === undefined) return true;
  return sync.reconcile || !run.context.source.findsChanges || nowMs < watermarkMs ||
    nowMs - reconciledMs >= sync.reconcileEveryHours * HOUR_MS;
}

/** Phase "switched", again: what writers that were late left in the source. */
async function followLate(syncing: SyncingTable, record: TableRecord, time: SourceTime): Promise<Done> {
  if (isWholePassDue(syncing, record, time.startedMs)) return wholeLate(syncing, record, time);
  try {
    await lateChanges(syncing, record);
  } catch (error) {
    if (!(error instanceof StretchFull)) throw error;
    // The whole pass meets again what this one met, but for what this one wrote.
    const { tally, numbers } = syncing;
    tally.startPass();
    numbers.changed = numbers.lateApplied;
    numbers.lateConflicts = 0;
    return wholeLate(syncing, record, time);
  }
  if (!syncing.tally.isSettled) return { record, work: "late", notes: [] };
  const change = { watermarkMs: time.startedMs };
  return { record: await new Recording(syncing).sync(record, change), work: "late", notes: [] };
}

async function wholeLate(syncing: SyncingTable, record: TableRecord, time: SourceTime): Promise<Done> {
  const whole = await wholeLatePass(syncing, time);
  const notes = [
    ...(whole.more ? ["More rows were deleted in the source than one run looks after: run again."] : []),
    ...(syncing.run.context.source.findsChanges ? [] : [CANNOT_FOLLOW]),
  ];
  return { record: await recordWhole(syncing, record, time, whole), work: "lateReconcile", notes };
}

/** A look that shows what an earlier one showed keeps that one's time: so long the source has been quiet. */
function recordWhole(
  syncing: SyncingTable,
  record: TableRecord,
  time: SourceTime,
  { look, more }: WholeLook,
): Promise<TableRecord> {
  const earlier = record.sync?.look;
  const same = earlier?.rows === look.rows && earlier.digest === look.digest;
  const applied = syncing.tally.isSettled && !more ? { watermarkMs: time.startedMs, reconciledMs: time.startedMs }
    : { reconciledMs: undefined };
  return new Recording(syncing).sync(record, { look: same ? earlier : look, ...applied });
}

/** So it may be: an application can have rewritten all there was. Or the table is another one. */
const NOTHING_COMPARED =
  "No row was left as landbridge wrote it, so nothing could be compared: see that the application's table is this one.";

/** Shows that nobody writes the source any more, and verifies what the application left alone. */
async function drain(syncing: SyncingTable, before: TableRecord, time: SourceTime): Promise<Done> {
  const { tally, settings } = syncing;
  const whole = await wholeLatePass(syncing, time);
  const record = await recordWhole(syncing, before, time, whole);
  if (!syncing.tally.isSettled) {
    throw new OperationalError({
      code: "DrainRefused",
      message:
        `Table "${settings.table}" stays in phase "${phaseOf(before)}": ${tally.conflicts} late changes are ` +
        `undecided, ${tally.skippedRows} rows are refused by the destination. Look at them (--differences lists ` +
        "every one), decide (late conflicts \"source-wins\" or \"destination-wins\", or by hand), and run again.",
    });
  }
  if (whole.more) {
    throw new OperationalError({
      code: "DrainUnfinished",
      message:
        `Table "${settings.table}" stays in phase "${phaseOf(before)}": more rows were deleted in the source than ` +
        "one run carries over. Run again.",
    });
  }
  const quietMs = shownQuietMs(syncing, time, before.sync?.look, whole);
  const evidence = await verifyUntouched(syncing, quietMs);
  const notes = evidence.compared === 0 && evidence.changedSince + evidence.goneSince > 0 ? [NOTHING_COMPARED] : [];
  if (evidence.different > 0) return { record, work: "lateReconcile", notes, evidence };
  const change: Partial<SyncRecord> = { phase: "drained", drainedMs: before.sync?.drainedMs ?? time.startedMs };
  return { record: await new Recording(syncing).sync(record, change), work: "lateReconcile", notes, evidence };
}

/** Reads nothing and writes the journal alone. */
async function finish(syncing: SyncingTable, before: TableRecord): Promise<Done> {
  if (phaseOf(before) === "done") {
    return { record: before, work: "nothing", notes: ["The move is over: nothing was read, nothing was written."] };
  }
  const record = await new Recording(syncing).sync(before, { phase: "done" });
  const notes = ["The move is over. The old table stays until its owner deletes it."];
  return { record, work: "nothing", notes };
}
