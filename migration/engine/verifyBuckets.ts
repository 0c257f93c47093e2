import { readBothSides } from "./bothSides";
import type { Selection } from "./bucketRounds";
import { comparePair } from "./comparePair";
import { compareSample, type Sample } from "./compareSample";
import { collectRound, eachRound } from "./eachRound";
import { InFlightRows } from "./inFlight";
import { bucketOf, BUCKETS, BucketSums } from "./keyBuckets";
import { KeyHasher } from "./keyHasher";
import { keyOf, type Pair } from "./merge";
import { awaitQuietSince, changedSince, type QuietSince } from "./quietSince";
import { withRetry } from "./retry";
import type { HeldPair } from "./roundRows";
import { throwIfStopped } from "./stop";
import { SideTally } from "./tally";
import { expectedRow } from "./transform";
import type { Sides, VerifyingTable } from "./verifyingTable";

/** What a comparison by buckets knows while it goes on. */
interface Comparing {
  readonly verifying: VerifyingTable;
  readonly keysOnly: boolean;
  readonly quiet: QuietSince;
  readonly inFlight: InFlightRows;
  readonly sample: Sample | undefined;
  readonly sums: Readonly<Record<keyof Pair, BucketSums>>;
}

/**
 * Compares one table whose sides have no order in common, in bounded memory. Both sides are read at once into sums per
 * bucket of keys. Where the sums are equal, so are the rows. Buckets that differ are looked into in rounds, as many as
 * fit: both sides are read again, and their rows there are paired by key. What was written in between is found as it
 * is by then, and counts as in flight by its own time of change.
 */
export async function verifyBuckets(verifying: VerifyingTable): Promise<Sides> {
  const { run } = verifying;
  const quiet = await awaitQuietSince(verifying);
  const comparing: Comparing = {
    verifying,
    keysOnly: run.settings.level !== "full",
    quiet,
    inFlight: new InFlightRows(verifying),
    sample: run.settings.level === "sample" ? compareSample(verifying) : undefined,
    sums: { source: new BucketSums(), destination: new BucketSums() },
  };
  await sumBothSides(comparing);
  const { source, destination } = comparing.sums;
  const open: number[] = [];
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) if (!source.isLike(destination, bucket)) open.push(bucket);
  await eachRound(run, open, [source, destination], (selection) => lookInto(comparing, selection));
  await comparing.inFlight.noteLateChanges(quiet);
  const sides = { source: sideOf(comparing, "source"), destination: sideOf(comparing, "destination") };
  verifying.tally.rows = sides.source.rows;
  if (!comparing.sample) return sides;
  return { ...sides, sampled: await comparing.sample.compare() };
}

function sideOf({ sums, keysOnly }: Comparing, side: keyof Pair): SideTally {
  const tally = new SideTally(keysOnly);
  tally.addSum(sums[side].total);
  return tally;
}

/** The first look: everything, into sums. */
async function sumBothSides({ verifying, keysOnly, quiet, inFlight, sample, sums }: Comparing): Promise<void> {
  const { seed } = verifying.run.settings;
  const hashers = { source: new KeyHasher(), destination: new KeyHasher() };
  await readBothSides(verifying, keysOnly, async (side, rows) => {
    for (const row of rows) {
      const { digest } = side === "source" && !keysOnly ? expectedRow(verifying, row) : row;
      const hash = hashers[side].hash(row);
      sums[side].add(bucketOf(hash, seed), hash, row, digest);
      if (changedSince(row, quiet[side])) await inFlight.note(row);
      if (side === "source") sample?.offerKey(row);
    }
    if (side === "source") verifying.tally.rows += rows.length;
  });
}

/** One round: what is in the buckets now, on both sides, key by key. */
async function lookInto(comparing: Comparing, selection: Selection): Promise<void> {
  const { verifying, keysOnly, sums } = comparing;
  const { seed } = verifying.run.settings;
  const round = await collectRound(verifying, selection, keysOnly);
  for (const side of ["source", "destination"] as const) round.sum(side, sums[side], selection.buckets, seed);
  for (const pair of round.pairs) {
    throwIfStopped(verifying.run.signal);
    if (!pair.destination) comparing.sample?.drop(keyOf(pair));
    await compareHeld(comparing, pair);
  }
}

async function compareHeld(comparing: Comparing, pair: HeldPair): Promise<void> {
  const { verifying, keysOnly, quiet, inFlight } = comparing;
  const { source, destination, hasBodies } = pair;
  const needsBodies = source && destination && !hasBodies && source.digest !== destination.digest;
  if (!needsBodies) return comparePair(verifying, pair, quiet, inFlight, keysOnly);
  const now = await readAgain(verifying, source);
  // Both sides had the row a moment ago: it changes while it is being looked at.
  if (!now.source || !now.destination) return inFlight.note(source);
  return comparePair(verifying, now, quiet, inFlight, keysOnly);
}

/** One row on both sides as it is now. */
async function readAgain(verifying: VerifyingTable, key: ReturnType<typeof keyOf>): Promise<Pair> {
  const { run, settings } = verifying;
  const { source, destination } = run.context;
  const [left, right] = await Promise.all([
    withRetry(run.reading, () => source.readRow(settings.table, key)),
    withRetry(run.writing, () => destination.readRow(settings.destinationTable, key)),
  ]);
  return { source: left && expectedRow(verifying, left), destination: right };
}
