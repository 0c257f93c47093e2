import { readBothSides } from "../bothSides";
import type { Selection } from "../bucketRounds";
import { migrationOf } from "../copyTable";
import { collectRound, eachRound } from "../eachRound";
import { bucketOf, BUCKETS, BucketSums } from "../keyBuckets";
import { KeyHasher } from "../keyHasher";
import { differencesOf } from "../plan";
import { keyName, nameOfHash, receiptsIn, standingOf, versionWords } from "../receipts";
import { segmentsOf } from "../recordedSegments";
import { withRetry } from "../retry";
import type { HeldPair } from "../roundRows";
import { throwIfStopped } from "../stop";
import { together } from "../together";
import { expectedRow } from "../transform";
import { VersionSums } from "../versionSums";
import type { DrainCounts } from "./syncOutcome";
import type { SyncingTable } from "./syncing";

/**
 * What `verifyUntouched` does, over a source without an order: buckets in which both sides hold the same rows, and the
 * destination's are as landbridge left them, are compared by their sums; the others row by row, in rounds.
 */
export async function verifyUntouchedBuckets(syncing: SyncingTable, counts: DrainCounts): Promise<void> {
  const { run } = syncing;
  const { seed } = run.settings;
  const sums = { source: new BucketSums(), destination: new BucketSums() };
  const hashers = { source: new KeyHasher(), destination: new KeyHasher() };
  const versions = new VersionSums();
  const recorded = new VersionSums();
  const rows = readBothSides({ ...syncing, destinationExists: true }, false, (side, page) => {
    for (const row of page) {
      const { digest } = side === "source" ? expectedRow(syncing, row) : row;
      const hash = hashers[side].hash(row);
      const bucket = bucketOf(hash, seed);
      sums[side].add(bucket, hash, row, digest);
      if (side === "destination") versions.add(bucket, hash, versionWords(row.version));
    }
    return undefined;
  });
  await together([rows, sumVersions(syncing, recorded)]);
  const open: number[] = [];
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    const same = sums.source.isLike(sums.destination, bucket) && versions.isLike(recorded, bucket);
    if (same) counts.compared += sums.source.counts[bucket] as number;
    else open.push(bucket);
  }
  await eachRound(run, open, [sums.source, sums.destination], (selection) => lookInto(syncing, selection, counts));
}

/** Every version that is recorded: two of one key never come to the sum of one row. */
async function sumVersions(syncing: SyncingTable, sums: VersionSums): Promise<void> {
  const { run } = syncing;
  for await (const page of segmentsOf(run, migrationOf(syncing))) {
    throwIfStopped(run.signal);
    for (const { receipts } of page) {
      for (const { isVersion, key, what } of receiptsIn(receipts)) {
        if (isVersion) sums.add(bucketOf(key, run.settings.seed), key, what);
      }
    }
  }
}

async function lookInto(syncing: SyncingTable, selection: Selection, counts: DrainCounts): Promise<void> {
  const { run } = syncing;
  const round = await collectRound({ ...syncing, destinationExists: true }, selection);
  const known = await recordsOf(syncing, selection);
  for (const pair of round.pairs) {
    throwIfStopped(run.signal);
    await comparePair(syncing, pair, known, counts);
  }
}

type Known = ReadonlyMap<string, readonly Uint8Array[]>;

/** The entries of the keys in a round's buckets, copied off the segments, which are let go of. */
async function recordsOf(syncing: SyncingTable, selection: Selection): Promise<Known> {
  const { run } = syncing;
  const known = new Map<string, Uint8Array[]>();
  for await (const page of segmentsOf(run, migrationOf(syncing))) {
    throwIfStopped(run.signal);
    for (const { receipts } of page) {
      for (const { key, entry } of receiptsIn(receipts)) {
        if (!selection.has(bucketOf(key, run.settings.seed))) continue;
        const name = nameOfHash(key);
        known.set(name, [...(known.get(name) ?? []), new Uint8Array(entry)]);
      }
    }
  }
  return known;
}

async function comparePair(
  syncing: SyncingTable,
  { source, destination, hasBodies }: HeldPair,
  known: Known,
  counts: DrainCounts,
): Promise<void> {
  const { run, settings, tally } = syncing;
  // A row that only the destination has is the application's.
  if (!source) return;
  if (!destination) {
    counts.goneSince += 1;
    return;
  }
  const entries = known.get(keyName(source)) ?? [];
  if (standingOf(entries, destination) !== "asLeft") {
    counts.changedSince += 1;
    return;
  }
  if (source.digest === destination.digest) {
    counts.compared += 1;
    return;
  }
  const [left, right] = hasBodies ? [source, destination] : await together([
    withRetry(run.reading, () => run.context.source.readRow(settings.table, source)),
    withRetry(run.writing, () => run.context.destination.readRow(settings.destinationTable, source)),
  ]);
  if (right && right.version !== destination.version) {
    counts.changedSince += 1;
    return;
  }
  if (!right) {
    counts.goneSince += 1;
    return;
  }
  counts.compared += 1;
  const row = left === source ? source : left && expectedRow(syncing, left);
  // A row that is gone from a source that was shown to be quiet is a difference, too.
  const differences = row ? differencesOf(run.context.format, row, right, settings.mode) : [];
  if (row && differences.length === 0) return;
  counts.different += 1;
  await tally.note("different", source, differences);
}
