import type { Acknowledgements } from "./acknowledge";
import type { Change, ChangeResult } from "./apply";
import { type Applied, applyChanges, isChange, rulesOf } from "./applyChanges";
import { keyOf, type Pair } from "./merge";
import { decide, type Decision } from "./plan";
import type { RangeProgress } from "./rangeProgress";
import { ReceiptWriter } from "./receipts";
import type { Row, RowKey } from "./row";
import type { RowFormat } from "./rowFormat";
import type { Run } from "./run";
import type { Segment } from "./segments";
import type { TableSettings } from "./settings";
import type { TableTally } from "./tally";

export interface CopyingTable {
  readonly run: Run;
  readonly settings: TableSettings;
  readonly tally: TableTally;
  /** Receipts tell, too, which source row each was made of: a live move needs that once both sides are written. */
  readonly freezing?: boolean;
  /** Of a live move: see `PlanRules`. */
  readonly live?: boolean;
}

/** A row's last receipt and the intent of a run that was killed; with the new intent it fits one binary property. */
const STATES_KNOWN_MAX = 2;

/** Decides, writes what must be written, and acknowledges: one segment, from reading to journal. */
export async function copySegment(
  copying: CopyingTable,
  segment: Segment,
  range: RangeProgress,
  acknowledgements: Acknowledgements,
): Promise<void> {
  const { format } = copying.run.context;
  const decisions = plan(copying, segment);
  const changes = decisions.filter(isChange);
  if (changes.length > 0) await acknowledgements.intend(segment, intentsOf(format, segment, decisions));
  const { results, failure } = await applySegment(copying, segment, changes);
  await count(copying, segment, decisions, results, failure === undefined);
  if (failure !== undefined) throw failure;
  await acknowledgements.settle(range, { segment, receipts: receiptsOf(copying, segment, decisions, results) });
  copying.run.meter.tick();
}

/** What a copy would do to a segment, without doing it. */
export async function countSegment(copying: CopyingTable, segment: Segment, rowsCounted = false): Promise<void> {
  const decisions = plan(copying, segment);
  const results = decisions.filter(isChange).map(
    ({ kind, operation }): ChangeResult =>
      kind === "delete"
        ? { kind: "deleted", key: operation.key }
        : { kind: "written", key: operation.key, version: "" },
  );
  for (const decision of decisions) {
    if (decision.kind === "extra" && !decision.accepted) await copying.tally.note("extra", decision.destination);
  }
  await count(copying, segment, decisions, results, true, rowsCounted);
  copying.run.meter.tick();
}

/** One decision for each pair, in their order. */
export function plan({ run, settings, live = false }: CopyingTable, segment: Segment): readonly Decision[] {
  const rules = { ...rulesOf(run, settings), live };
  const { format } = run.context;
  // Functions in loops stay without names: the transpiler gives every named one its name anew, at a row's cost.
  return segment.pairs.map((pair) =>
    decide(format, pair, () => (pair.destination ? segment.book.standing(pair.destination) : "unrecorded"), rules),
  );
}

/** Beside what is known of every row, what is about to be written: a run killed here recognises both states. */
export function intentsOf(format: RowFormat, segment: Segment, decisions: readonly Decision[]): Uint8Array {
  const packed = new ReceiptWriter(decisions.length);
  decisions.forEach((decision, at) => {
    const pair = segment.pairs[at] as Pair;
    const key = keyOf(pair);
    if (decision.kind === "unchanged") return packed.version(key, decision.destination.version);
    keepKnown(packed, segment, pair);
    if (decision.kind !== "write") return;
    // A row that is merged holds more than the source's, and is recognised by all that it holds.
    const merges = decision.operation.kind === "merge" && pair.destination !== undefined;
    const written = merges ? format.merged(decision.source, pair.destination) : decision.source;
    packed.content(key, written.digest);
  });
  if (segment.others) packed.keepAsFits(segment.others);
  return packed.bytes();
}

/** Intents of runs that were killed pile up. Of a row that is as one of them left it, its present version says all. */
function keepKnown(packed: ReceiptWriter, { book }: Segment, { source, destination }: Pair): void {
  const known = book.of((source ?? destination) as Row);
  const asLeft = known.length > 1 && destination !== undefined && book.standing(destination) === "asLeft";
  if (asLeft) packed.version(destination, destination.version);
  else packed.keep(known.slice(-STATES_KNOWN_MAX));
}

/** Where the destination was not read just before, an insert may meet what an earlier run wrote. */
export function applySegment(copying: CopyingTable, { book }: Segment, changes: readonly Change[]): Promise<Applied> {
  const { source, destination } = copying.run.context;
  const isRead = source.ordered && destination.ordered;
  return applyChanges(copying, changes, isRead ? undefined : (row) => book.standing(row));
}

/** Rows of the segment that the destination holds now: those that were there or were written, less those deleted. */
function heldAfter({ pairs }: Segment, decisions: readonly Decision[], results: Applied["results"]): number {
  let held = 0;
  let at = 0;
  decisions.forEach((decision, index) => {
    const present = pairs[index]?.destination !== undefined;
    const result = isChange(decision) ? results[at++]?.kind : undefined;
    if (result === "written" || (present && result !== "deleted")) held += 1;
  });
  return held;
}

/** Counts what became of a segment's rows; `rowsCounted`: its source rows were counted already. */
export async function count(
  { run, tally, live = false }: CopyingTable,
  segment: Segment,
  decisions: readonly Decision[],
  results: Applied["results"],
  whole: boolean,
  rowsCounted = false,
): Promise<void> {
  if (!run.settings.dryRun) tally.held += heldAfter(segment, decisions, results);
  // Of a segment that was not finished only what was done is known; it is planned again by the next run.
  if (whole) {
    if (!rowsCounted) for (const { source } of segment.pairs) if (source) tally.rows += 1;
    for (const decision of decisions) {
      if (decision.kind === "unchanged") tally.unchanged += 1;
      // No verification follows a live move's pass that would name the row.
      if (decision.kind === "extra" && live && !decision.accepted) {
        await tally.note("extra", decision.destination, [], "only here, and left alone as asked for");
      }
      if (decision.kind !== "conflict") continue;
      await tally.note("conflict", decision.destination, decision.differences, decision.reason);
    }
  }
  for (const result of results) {
    if (result?.kind === "written") tally.written += 1;
    if (result?.kind === "deleted") tally.deleted += 1;
    if (result?.kind === "conflict") await tally.note("conflict", result.key, result.differences);
    if (result?.kind !== "refused") continue;
    const { key, error, replaces } = result;
    if (live) await tally.refuse(key, error, replaces);
    else tally.skip(error.code);
  }
}

export function receiptsOf(
  { freezing = false }: CopyingTable,
  segment: Segment,
  decisions: readonly Decision[],
  results: Applied["results"],
): Uint8Array {
  const packed = new ReceiptWriter(decisions.length * (freezing ? 2 : 1));
  const left = ({ source }: Pair, key: RowKey, version: string) => {
    if (freezing && source) packed.content(key, source.digest);
    packed.version(key, version);
  };
  let at = 0;
  decisions.forEach((decision, index) => {
    const pair = segment.pairs[index] as Pair;
    const key = keyOf(pair);
    if (decision.kind === "unchanged") return left(pair, key, decision.destination.version);
    // A row that only the destination has is not the move's any more: nothing late may touch it.
    if (decision.kind === "extra" && freezing) return;
    if (!isChange(decision)) return packed.keep(segment.book.of(key));
    const result = results[at++] as ChangeResult;
    if (result.kind === "written") left(pair, key, result.version);
    else if (result.kind !== "deleted") packed.keep(segment.book.of(key));
  });
  if (segment.others) packed.keepAsFits(segment.others);
  return packed.bytes();
}
