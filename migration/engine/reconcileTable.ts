import { readBothSides, type TwoSided } from "./bothSides";
import { nextRound, ROUND_BYTES_MAX, type Selection } from "./bucketRounds";
import type { CopyingTable } from "./copySegment";
import type { Hash64 } from "./hash64";
import type { MigrationKey } from "./journal";
import { bucketOf, BUCKETS, BucketSums } from "./keyBuckets";
import { KeyHasher } from "./keyHasher";
import { keyOf, type Pair } from "./merge";
import { nameOfHash, receiptsIn, versionWords } from "./receipts";
import { segmentsOf } from "./recordedSegments";
import { type Due, reconcileSegments } from "./reconcileSegments";
import { RoundRows } from "./roundRows";
import { throwIfStopped } from "./stop";
import { together } from "./together";
import { expectedRow } from "./transform";
import { VersionSums } from "./versionSums";

export interface Reconciling extends TwoSided {
  readonly copying: CopyingTable;
  readonly migration: MigrationKey;
}

interface Sums {
  readonly source: BucketSums;
  readonly destination: BucketSums;
  readonly rows: VersionSums;
  readonly receipts: VersionSums;
}

type Words = Pick<Hash64, "high" | "low">;

/**
 * Makes a table without an order equal to its source, deletions included, in bounded memory: both sides and the
 * journal's receipts are read at once into sums per bucket of keys; buckets in which rows differ, or receipts do not
 * speak of the rows that are there, are looked into in rounds; and what differs is decided, written and acknowledged
 * segment by segment, as in a pass in order. A dry run counts what would be done, and writes nothing.
 */
export async function reconcileTable(reconciling: Reconciling): Promise<void> {
  const { run, copying } = reconciling;
  const { tally } = copying;
  const sums = await sumAll(reconciling);
  const open: number[] = [];
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    // A pass that freezes says of every row what was copied, besides how it was left.
    const same = !copying.freezing && sums.source.isLike(sums.destination, bucket) &&
      sums.rows.isLike(sums.receipts, bucket);
    if (!same) {
      open.push(bucket);
      continue;
    }
    tally.unchanged += sums.source.counts[bucket] as number;
    tally.held += sums.destination.counts[bucket] as number;
  }
  while (open.length > 0) {
    const selection = nextRound(open, [sums.source, sums.destination], ROUND_BYTES_MAX);
    await run.rounds.take(selection.bytes);
    try {
      await reconcileRound(reconciling, selection);
    } finally {
      run.rounds.give(selection.bytes);
    }
  }
}

async function sumAll(reconciling: Reconciling): Promise<Sums> {
  const { run, migration, copying } = reconciling;
  const { seed } = run.settings;
  const sums: Sums = {
    source: new BucketSums(),
    destination: new BucketSums(),
    rows: new VersionSums(),
    receipts: new VersionSums(),
  };
  const hashers = { source: new KeyHasher(), destination: new KeyHasher() };
  const rows = readBothSides(reconciling, false, (side, page) => {
    for (const row of page) {
      const { digest } = side === "source" ? expectedRow(reconciling, row) : row;
      const hash = hashers[side].hash(row);
      const bucket = bucketOf(hash, seed);
      sums[side].add(bucket, hash, row, digest);
      if (side === "destination") sums.rows.add(bucket, hash, versionWords(row.version));
    }
    if (side === "source") copying.tally.rows += page.length;
    return undefined;
  });
  const receipts = async () => {
    for await (const page of segmentsOf(run, migration)) {
      throwIfStopped(run.signal);
      for (const record of page) {
        for (const { isVersion, key, what } of receiptsIn(record.receipts)) {
          // What is no receipt of a row, such as the intent of a run that was killed, is looked into.
          sums.receipts.add(bucketOf(key, seed), key, isVersion ? what : { high: ~what.high, low: what.low });
        }
      }
    }
  };
  await together([rows, receipts()]);
  return sums;
}

async function reconcileRound(reconciling: Reconciling, selection: Selection): Promise<void> {
  const { run, copying } = reconciling;
  const { tally } = copying;
  const { seed } = run.settings;
  const isSelected = (hash: Words) => selection.has(bucketOf(hash, seed));
  const hashers = { source: new KeyHasher(), destination: new KeyHasher() };
  const round = new RoundRows();
  await readBothSides(reconciling, false, (side, page) => {
    for (const row of page) {
      if (isSelected(hashers[side].hash(row))) {
        round.add(side, side === "source" ? expectedRow(reconciling, row) : row);
      }
    }
    return undefined;
  });
  const receipts = await receiptsOfRound(reconciling, isSelected);
  const hasher = new KeyHasher();
  const present = new Set<string>();
  const due: Due[] = [];
  for (const pair of round.pairs) {
    const name = nameOfHash(hasher.hash(keyOf(pair)));
    present.add(name);
    if (!copying.freezing && isSettled(pair, receipts.get(name))) {
      tally.unchanged += 1;
      tally.held += 1;
      continue;
    }
    due.push({ key: keyOf(pair), pair });
  }
  // A receipt of a row that neither side has any more is let go of.
  const isOrphan = (hash: Words) => isSelected(hash) && !present.has(nameOfHash(hash));
  await reconcileSegments(reconciling, due, isOrphan);
}

/** What the journal says of each key of a round: the hash of the version where one receipt says all, else undefined. */
async function receiptsOfRound(
  { run, migration }: Reconciling,
  isSelected: (key: Words) => boolean,
): Promise<ReadonlyMap<string, string | undefined>> {
  const found = new Map<string, string | undefined>();
  for await (const page of segmentsOf(run, migration)) {
    throwIfStopped(run.signal);
    for (const record of page) {
      for (const { isVersion, key, what } of receiptsIn(record.receipts)) {
        if (!isSelected(key)) continue;
        const name = nameOfHash(key);
        found.set(name, isVersion && !found.has(name) ? nameOfHash(what) : undefined);
      }
    }
  }
  return found;
}

function isSettled({ source, destination }: Pair, receipt: string | undefined): boolean {
  return source !== undefined && destination !== undefined && source.digest === destination.digest &&
    receipt === nameOfHash(versionWords(destination.version));
}
