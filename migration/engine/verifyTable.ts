import { comparePair } from "./comparePair";
import { compareSample } from "./compareSample";
import { boundaryKeys, firstAfterIn } from "./divideRange";
import { InFlightRows } from "./inFlight";
import type { Pair } from "./merge";
import { awaitQuietSince } from "./quietSince";
import { RangePool } from "./rangePool";
import { RangeScan } from "./rangeScan";
import type { RowKey } from "./row";
import { emptyStream, RowStream, scanPages } from "./scan";
import type { KeyRange } from "./store";
import { stopReason, throwIfStopped } from "./stop";
import { SideTally } from "./tally";
import { renamedPages } from "./transform";
import { verifyBuckets } from "./verifyBuckets";
import type { Sides, VerifyingTable } from "./verifyingTable";

/** Compares one table at the level of the run: in step where both sides have an order, else by hash buckets. */
export async function verifyTable(verifying: VerifyingTable): Promise<Sides> {
  const { run } = verifying;
  const { source, destination } = run.context;
  try {
    return await (source.ordered && destination.ordered ? verifyInStep(verifying) : verifyBuckets(verifying));
  } catch (error) {
    throw run.signal.aborted ? stopReason(run.signal) : error;
  }
}

/** Both sides in key order, in ranges where the table is large. */
async function verifyInStep(verifying: VerifyingTable): Promise<Sides> {
  const { run, settings } = verifying;
  const quiet = await awaitQuietSince(verifying);
  const keysOnly = run.settings.level !== "full";
  const sides = { source: new SideTally(keysOnly), destination: new SideTally(keysOnly) };
  const inFlight = new InFlightRows(verifying);
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
  await inFlight.noteLateChanges(quiet);
  if (!sample) return sides;
  return { ...sides, sampled: await sample.compare() };
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
