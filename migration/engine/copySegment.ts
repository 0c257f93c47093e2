import { type Acknowledgements } from "./acknowledge";
import { applyBatch, type Change, type ChangeResult } from "./apply";
import { cutBatches } from "./batch";
import { keyOf, type Pair } from "./merge";
import { decide, type Decision } from "./plan";
import { intentOf, packReceipts, receiptOf } from "./receipts";
import { compareKeys } from "./row";
import type { Run } from "./run";
import type { Segment } from "./segments";
import type { TableSettings } from "./settings";
import { throwIfStopped } from "./stop";
import { keyText, type TableTally } from "./tally";

export interface CopyingTable {
  readonly run: Run;
  readonly settings: TableSettings;
  readonly tally: TableTally;
}

/** A row's last receipt and the intent of a run that was killed; with the new intent it fits one binary property. */
const STATES_KNOWN_MAX = 2;

interface Planned {
  readonly pair: Pair;
  readonly decision: Decision;
}

/** Decides, writes what must be written, and acknowledges: one segment, from reading to journal. */
export async function copySegment(
  copying: CopyingTable,
  segment: Segment,
  acknowledgements: Acknowledgements,
): Promise<void> {
  const planned = plan(copying, segment);
  const changes = changesOf(planned);
  if (changes.length > 0) await acknowledgements.intend(segment, intentsOf(segment, planned));
  const { results, failure } = await applyAll(copying, changes);
  await count(copying, planned, results, failure === undefined);
  if (failure !== undefined) throw failure;
  await acknowledgements.settle({ segment, receipts: receiptsOf(segment, planned, results) });
  copying.run.meter.tick();
}

/** What a copy would do to a segment, without doing it. */
export async function countSegment(copying: CopyingTable, segment: Segment): Promise<void> {
  const planned = plan(copying, segment);
  const results = changesOf(planned).map(
    ({ kind, operation }): ChangeResult =>
      kind === "delete"
        ? { kind: "deleted", key: operation.key }
        : { kind: "written", key: operation.key, version: "" },
  );
  for (const { decision } of planned) {
    if (decision.kind === "extra" && !decision.accepted) await copying.tally.note("extra", decision.destination);
  }
  await count(copying, planned, results);
  copying.run.meter.tick();
}

function plan({ run, settings }: CopyingTable, segment: Segment): readonly Planned[] {
  const { deletes, conflicts } = run.settings;
  const rules = { mode: settings.mode, deletes, conflicts };
  return segment.pairs.map((pair) => {
    const standing = pair.destination ? segment.book.standing(pair.destination) : "unrecorded";
    return { pair, decision: decide(run.context.format, pair, standing, rules) };
  });
}

function changesOf(planned: readonly Planned[]): readonly Change[] {
  return planned.flatMap(({ decision }) => (decision.kind === "write" || decision.kind === "delete" ? [decision] : []));
}

/** Beside what is known of every row, what is about to be written: a run killed here recognises both states. */
function intentsOf(segment: Segment, planned: readonly Planned[]): Uint8Array {
  return packReceipts(
    planned.flatMap(({ pair, decision }) => {
      const key = keyOf(pair);
      if (decision.kind === "unchanged") return [receiptOf(key, decision.destination.version)];
      const known = segment.book.of(key).slice(-STATES_KNOWN_MAX);
      return decision.kind === "write" ? [...known, intentOf(key, decision.source.digest)] : known;
    }),
  );
}

interface Applied {
  readonly results: readonly ChangeResult[];
  /** Why some changes have no result; what was done counts all the same. */
  readonly failure?: unknown;
}

async function applyAll(copying: CopyingTable, changes: readonly Change[]): Promise<Applied> {
  const { run, settings } = copying;
  const { destination, format } = run.context;
  const { deletes, conflicts } = run.settings;
  const rules = { mode: settings.mode, deletes, conflicts };
  const applying = { ...run.writing, store: destination, format, table: settings.destinationTable, rules };
  const results = await Promise.allSettled(
    cutBatches(destination, changes).map(async (batch) => {
      throwIfStopped(run.signal);
      return applyBatch(applying, batch);
    }),
  );
  // Every batch is heard out before one that failed ends the segment: no request is left under way behind its back.
  const failed = results.find((one) => one.status === "rejected");
  const done = results.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
  return { results: done, ...(failed ? { failure: failed.reason } : {}) };
}

/** Rows of the segment that the destination holds now: those that were there or were written, less those deleted. */
function heldAfter(planned: readonly Planned[], results: readonly ChangeResult[]): number {
  const present = planned.filter(({ pair }) => pair.destination).map(({ pair }) => keyText(keyOf(pair)));
  const held = new Set(present);
  for (const { kind, key } of results) {
    if (kind === "written") held.add(keyText(key));
    if (kind === "deleted") held.delete(keyText(key));
  }
  return held.size;
}

async function count(
  { run, tally }: CopyingTable,
  planned: readonly Planned[],
  results: readonly ChangeResult[],
  whole = true,
): Promise<void> {
  if (!run.settings.dryRun) tally.held += heldAfter(planned, results);
  // Of a segment that was not finished only what was done is known; it is planned again by the next run.
  for (const { pair, decision } of whole ? planned : []) {
    if (pair.source) tally.rows += 1;
    if (decision.kind === "unchanged") tally.unchanged += 1;
    if (decision.kind === "conflict") await tally.note("conflict", decision.destination, decision.differences);
  }
  for (const result of results) {
    if (result.kind === "written") tally.written += 1;
    if (result.kind === "deleted") tally.deleted += 1;
    if (result.kind === "conflict") await tally.note("conflict", result.key, result.differences);
    if (result.kind === "refused") tally.skip(result.error.code);
  }
}

function receiptsOf(segment: Segment, planned: readonly Planned[], results: readonly ChangeResult[]): Uint8Array {
  const sorted = [...results].sort((a, b) => compareKeys(a.key, b.key));
  let at = 0;
  return packReceipts(
    planned.flatMap(({ pair, decision }): readonly Uint8Array[] => {
      const key = keyOf(pair);
      if (decision.kind === "unchanged") return [receiptOf(key, decision.destination.version)];
      if (decision.kind !== "write" && decision.kind !== "delete") return segment.book.of(key);
      const result = sorted[at] as ChangeResult;
      at += 1;
      if (result.kind === "written") return [receiptOf(key, result.version)];
      return result.kind === "deleted" ? [] : segment.book.of(key);
    }),
  );
}
