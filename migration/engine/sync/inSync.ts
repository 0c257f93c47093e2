import { assert } from "../errors";
import { copyTable, mappingOf } from "../copyTable";
import { type TableRecord, WHOLE_TABLE } from "../journal";
import { backfill } from "./backfill";
import { Recording, StretchFull } from "./recording";
import { recutSegments } from "./recut";
import type { SourceTime } from "./sourceTime";
import type { SyncWork } from "./syncOutcome";
import type { SyncRecord } from "./syncRecord";
import type { SyncingTable } from "./syncing";

/**
 * Changes are looked for from this long before the watermark on. A server's clock is told in whole seconds, several
 * machines serve one table, and a change may be stamped a moment before others can see it. Rows that turn up twice are
 * recognised by their record, and cost nothing but the reading.
 */
export const OVERLAP_MS = 5 * 60_000;

const HOUR_MS = 3_600_000;

/** Said by every run from such a source. */
export const CANNOT_FOLLOW = "This source cannot tell what changed: every run reads all of it.";

export interface Synced {
  readonly record: TableRecord;
  readonly work: SyncWork;
  readonly notes: readonly string[];
}

/** Why a run passes over both sides instead of following changes; undefined where it need not. */
function reconcileReason(
  { run, settings, sync }: SyncingTable,
  record: TableRecord,
  nowMs: number,
): string | undefined {
  const { reconciledMs, watermarkMs } = record.sync ?? {};
  if (watermarkMs === undefined) return "no pass over both sides went through yet";
  // Following changes would not meet them again, and would say "in sync" of rows that are known not to be.
  if (reconciledMs === undefined) return "the last pass over both sides left conflicts or rows that are refused";
  if (nowMs < watermarkMs) return "the source's clock went back since the last run";
  if (!record.complete) return "the last pass over both sides did not go through";
  if (record.mapping !== mappingOf(settings)) return "mode, filter or renames are others than last time";
  if (sync.reconcile) return "it was asked for";
  if (!run.context.source.findsChanges) return "changes cannot be followed";
  const hours = (nowMs - reconciledMs) / HOUR_MS;
  return hours >= sync.reconcileEveryHours ? `the last pass began ${Math.floor(hours)} hours ago` : undefined;
}

function newRecord({ settings }: SyncingTable): TableRecord {
  return { pass: 0, complete: true, ranges: [WHOLE_TABLE], mapping: mappingOf(settings) };
}

/** A pass over both sides: everything that the source held when it began is in the destination when it is over. */
export async function reconcile(
  syncing: SyncingTable,
  last: TableRecord | undefined,
  time: SourceTime,
  created: boolean,
): Promise<TableRecord> {
  const recording = new Recording(syncing);
  // A pass that an earlier run began claims what that run's clock said, and not more; where nobody wrote down when it
  // began, another one follows it. So it does before the switch, which freezes the record of every row.
  const goesOn = last !== undefined && !last.complete;
  const known = goesOn && syncing.freezing !== true ? last.sync?.passSinceMs : undefined;
  let record = await recording.sync(last ?? newRecord(syncing), { passSinceMs: known ?? time.startedMs });
  const { source, destination } = syncing.run.context;
  if (last !== undefined && source.ordered && !destination.ordered) await recutSegments(syncing);
  // From a source that cannot be followed every run is such a pass: what it finds recorded, the switch need not read.
  const freezing = syncing.freezing === true || !syncing.run.context.source.ordered;
  const copying = { ...syncing, freezing, live: true };
  const { resumed } = await copyTable(copying, created);
  if (resumed && known === undefined) {
    const again = await copyTable(copying, false);
    assert(!again.resumed, "a new pass went on with an older one");
  }
  const after = await recording.table();
  assert(after?.complete === true, "a pass went through, and the journal does not know it");
  const done: Partial<SyncRecord> = { passSinceMs: undefined };
  // Only once everything that was read was dealt with may the watermark move.
  if (!syncing.tally.isSettled) return recording.sync(after, { ...done, reconciledMs: undefined });
  const sinceMs = known ?? time.startedMs;
  record = await recording.sync(after, { ...done, watermarkMs: sinceMs, reconciledMs: sinceMs });
  return record;
}

/** Phase "sync": a full copy first, then what changed; every so often both sides. */
export async function keepInSync(
  syncing: SyncingTable,
  record: TableRecord | undefined,
  time: SourceTime,
  created: boolean,
): Promise<Synced> {
  const first = record?.sync?.watermarkMs === undefined;
  const reason = created ? "the destination's table was not there" : reconcileReason(
    syncing, record ?? newRecord(syncing), time.startedMs,
  );
  const passed = async (why: string): Promise<Synced> => {
    const work = first ? "copy" : "reconcile";
    const notes = [
      ...(first ? [] : [`Both sides were read in full, since ${why}.`]),
      ...(syncing.run.context.source.findsChanges ? [] : [CANNOT_FOLLOW]),
    ];
    return { record: await reconcile(syncing, record, time, created), work, notes };
  };
  if (reason !== undefined || record === undefined) return passed(reason ?? "");
  try {
    await backfill(syncing, (record.sync?.watermarkMs ?? 0) - OVERLAP_MS);
  } catch (error) {
    if (error instanceof StretchFull) return passed("many rows came within a few keys");
    throw error;
  }
  if (!syncing.tally.isSettled) return { record, work: "backfill", notes: [] };
  const recording = new Recording(syncing);
  return { record: await recording.sync(record, { watermarkMs: time.startedMs }), work: "backfill", notes: [] };
}
