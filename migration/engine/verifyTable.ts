import { compareSample } from "./compareSample";
import { boundaryKeys, firstAfterIn } from "./divideRange";
import { keyOf, type Pair } from "./merge";
import { differencesOf } from "./plan";
import { awaitQuietSince, changedSince, type Moment, type QuietSince } from "./quietSince";
import { RangePool } from "./rangePool";
import { RangeScan } from "./rangeScan";
import type { RowKey } from "./row";
import { emptyStream, RowStream, scanPages } from "./scan";
import type { KeyRange } from "./store";
import { stopReason, throwIfStopped } from "./stop";
import { keyText, SideTally } from "./tally";
import { together } from "./together";
import { renamedPages } from "./transform";
import type { VerifyingTable } from "./verifyingTable";

export interface Sides {
  readonly source: SideTally;
  readonly destination: SideTally;
  /** Rows whose values were compared by a sample. */
  readonly sampled?: number;
}

/** In-flight keys remembered, so that a row seen twice is counted once. Above it, the count is an upper bound. */
const IN_FLIGHT_REMEMBERED_MAX = 100_000;

/** Compares one table at the run's level, in ranges where it is large. */
export async function verifyTable(verifying: VerifyingTable): Promise<Sides> {
  const { run, settings } = verifying;
  try {
    const quiet = await awaitQuietSince(verifying);
    const keysOnly = run.settings.level !== "full";
    const sides = { source: new SideTally(keysOnly), destination: new SideTally(keysOnly) };
    const inFlight = new Set<string>();
    const sample = run.settings.level === "sample" ? compareSample(verifying) : undefined;
    const firstAfter = firstAfterIn(run.reading, run.context.source, settings.table);
    const pool: RangePool<VerifyRange> = new RangePool({
      slots: run.slots,
      work: ({ scan }) =>
        eachStep(scan, pool, async (pairs) => {
          throwIfStopped(run.signal);
          sides.source.add(pairs, "source");
          sides.destination.add(pairs, "destination");
          verifying.tally.rows = sides.source.rows;
          for (const pair of pairs) {
            sample?.offer(pair);
            const noted = comparePair(verifying, pair, quiet, inFlight, keysOnly);
            if (noted) await noted;
          }
          run.meter.tick();
        }),
      divide: async ({ scan }, count) => {
        const keys = await boundaryKeys(scan, firstAfter, count);
        return keys.length === 0 ? [] : divided(scan, keys).map((range) => openRange(verifying, range));
      },
    });
    await pool.run([openRange(verifying, {})]);
    await noteLateChanges(verifying, quiet, inFlight);
    if (!sample) return sides;
    return { ...sides, sampled: await sample.compare() };
  } catch (error) {
    throw run.signal.aborted ? stopReason(run.signal) : error;
  }
}

interface VerifyRange {
  readonly scan: RangeScan;
}

async function eachStep(
  scan: RangeScan,
  pool: RangePool<VerifyRange>,
  compare: (pairs: readonly Pair[]) => Promise<void>,
): Promise<void> {
  const steps = pool.watched(scan.pairs());
  try {
    for await (const pairs of steps) await compare(pairs);
  } finally {
    await steps.return(undefined);
    await scan.close();
  }
}

/** Ends a scan at the first key; what lay behind it, in order, without a gap. */
function divided(scan: RangeScan, keys: readonly RowKey[]): readonly KeyRange[] {
  const { upTo } = scan;
  scan.endAt(keys[0] as RowKey);
  return keys.map((after, at) => {
    const end = keys[at + 1] ?? upTo;
    return end ? { after, upTo: end } : { after };
  });
}

function openRange(verifying: VerifyingTable, range: KeyRange): VerifyRange {
  const { run, settings, destinationExists } = verifying;
  const { source, destination } = run.context;
  const keysOnly = run.settings.level !== "full";
  const request = { range, keysOnly, ...(settings.filter === undefined ? {} : { filter: settings.filter }) };
  const pages = scanPages(run.reading, source, settings.table, request);
  const left = new RowStream(keysOnly ? pages : renamedPages(verifying, pages));
  const right = destinationExists
    ? new RowStream(scanPages(run.writing, destination, settings.destinationTable, { range, keysOnly }))
    : emptyStream();
  return { scan: new RangeScan(range.after, range.upTo, left, right) };
}

/** Synchronous where there is nothing to tell: that is nearly every pair. */
function comparePair(
  { run, settings, tally, known }: VerifyingTable,
  pair: Pair,
  quiet: QuietSince,
  inFlight: Set<string>,
  keysOnly: boolean,
): Promise<void> | undefined {
  const { source, destination } = pair;
  const row = keyOf(pair);
  if (changedSince(source, quiet.source) || changedSince(destination, quiet.destination)) {
    if (inFlight.size < IN_FLIGHT_REMEMBERED_MAX) inFlight.add(keyText(row));
    return tally.note("inFlight", row);
  }
  if (!source) return known?.isKnownConflict(row) ? undefined : tally.note("extra", row);
  if (!destination) return tally.note("missing", row);
  if (keysOnly) return undefined;
  const differences = differencesOf(run.context.format, source, destination, settings.mode);
  if (differences.length === 0 || known?.isKnownConflict(row)) return undefined;
  return tally.note("different", row, differences);
}

/** Rows that changed behind the comparison's back, on either side, after it had passed them. */
async function noteLateChanges(
  { run, settings, tally, destinationExists }: VerifyingTable,
  quiet: QuietSince,
  inFlight: Set<string>,
): Promise<void> {
  const { source, destination } = run.context;
  const since = (at: Moment) => ({ changedSince: at.text, keysOnly: true });
  const filter = settings.filter === undefined ? {} : { filter: settings.filter };
  const scans = [scanPages(run.reading, source, settings.table, { ...since(quiet.source), ...filter })];
  if (destinationExists) {
    scans.push(scanPages(run.writing, destination, settings.destinationTable, since(quiet.destination)));
  }
  const noteAll = async (pages: (typeof scans)[number]) => {
    for await (const page of pages) {
      throwIfStopped(run.signal);
      for (const row of page.rows) {
        const text = keyText(row);
        if (inFlight.has(text)) continue;
        inFlight.add(text);
        await tally.note("inFlight", row);
      }
    }
  };
  await together(scans.map(noteAll));
}
