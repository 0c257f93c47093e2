import { readBothSides } from "./bothSides";
import type { Selection } from "./bucketRounds";
import { collectRound, eachRound } from "./eachRound";
import type { Hash64 } from "./hash64";
import { bucketOf, BUCKETS, BucketSums } from "./keyBuckets";
import { KeyHasher } from "./keyHasher";
import { keyOf, type Pair } from "./merge";
import { contentWords, nameOfHash, receiptsIn, versionWords } from "./receipts";
import { segmentsOf } from "./recordedSegments";
import { reconcileHomes } from "./reconcileHomes";
import type { Due, Reconciling } from "./reconciling";
import { reconcileSegments } from "./reconcileSegments";
import type { HeldPair } from "./roundRows";
import { throwIfStopped } from "./stop";
import { together } from "./together";
import { expectedRow } from "./transform";
import { VersionSums } from "./versionSums";

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
    if (!sums.source.isLike(sums.destination, bucket) || !sums.rows.isLike(sums.receipts, bucket)) {
      open.push(bucket);
      continue;
    }
    tally.unchanged += sums.source.counts[bucket] as number;
    tally.held += sums.destination.counts[bucket] as number;
  }
  await eachRound(run, open, [sums.source, sums.destination], (selection) => reconcileRound(reconciling, selection));
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
      // A pass that freezes says of every row what was copied, besides how it was left.
      else if (copying.freezing) sums.rows.add(bucket, hash, noVersion(contentWords(digest)));
    }
    if (side === "source") copying.tally.rows += page.length;
    return undefined;
  });
  const receipts = async () => {
    for await (const page of segmentsOf(run, migration)) {
      throwIfStopped(run.signal);
      for (const record of page) {
        for (const { isVersion, key, what } of receiptsIn(record.receipts)) {
          // What should not be there, such as the intent of a run that was killed, is looked into.
          sums.receipts.add(bucketOf(key, seed), key, isVersion ? what : noVersion(what));
        }
      }
    }
  };
  await together([rows, receipts()]);
  return sums;
}

/** Tells a content from a version of the same words. */
function noVersion({ high, low }: Words): Words {
  return { high: ~high, low };
}

async function reconcileRound(reconciling: Reconciling, selection: Selection): Promise<void> {
  const { run, copying } = reconciling;
  const { tally } = copying;
  const { seed } = run.settings;
  const isSelected = (hash: Words) => selection.has(bucketOf(hash, seed));
  const round = await collectRound(reconciling, selection);
  const { freezing = false } = copying;
  const hasher = new KeyHasher();
  const pairs = new Map<string, HeldPair>();
  for (const pair of round.pairs) pairs.set(nameOfHash(hasher.hash(keyOf(pair))), pair);
  const { receipts, known } = await receiptsOfRound(reconciling, isSelected, (name) => {
    const pair = pairs.get(name);
    return pair !== undefined && !pair.source;
  });
  const due: Due[] = [];
  for (const [name, pair] of pairs) {
    if (isSettled(pair, receipts.get(name), freezing)) {
      tally.unchanged += 1;
      tally.held += 1;
      continue;
    }
    const entries = known.get(name);
    due.push({ key: keyOf(pair), name, pair, ...(entries && { known: entries }) });
  }
  // A receipt of a row that neither side has any more is let go of.
  const isOrphan = (hash: Words) => isSelected(hash) && !pairs.has(nameOfHash(hash));
  const settle = run.context.source.ordered ? reconcileSegments : reconcileHomes;
  await settle(reconciling, due, isOrphan);
}

interface RecordedOfRound {
  /** Of each key that has any: its entries, as `told` writes them. */
  readonly receipts: ReadonlyMap<string, string>;
  /** Of each extra row: the entries themselves. */
  readonly known: ReadonlyMap<string, Uint8Array>;
}

/**
 * What the journal says of each key of a round, wherever it says so: a first pass that was killed may leave what it
 * knows of a row in a neighbour of the segment that the key belongs to. The next one cuts segments by rows that it
 * sees, and the source had deleted this one: `isExtra`.
 */
async function receiptsOfRound(
  { run, migration }: Reconciling,
  isSelected: (key: Words) => boolean,
  isExtra: (name: string) => boolean,
): Promise<RecordedOfRound> {
  const receipts = new Map<string, string>();
  const known = new Map<string, Uint8Array>();
  for await (const page of segmentsOf(run, migration)) {
    throwIfStopped(run.signal);
    for (const record of page) {
      for (const { isVersion, key, what, entry } of receiptsIn(record.receipts)) {
        if (!isSelected(key)) continue;
        const name = nameOfHash(key);
        receipts.set(name, `${receipts.get(name) ?? ""}${told(isVersion, what)}`);
        // A copy: an entry would keep its page in memory.
        if (isExtra(name)) known.set(name, Buffer.concat([known.get(name) ?? new Uint8Array(0), entry]));
      }
    }
  }
  return { receipts, known };
}

function told(isVersion: boolean, what: Words): string {
  return `${isVersion ? "version" : "content"} ${nameOfHash(what)};`;
}

/** Both sides are equal, and the record says just that: neither an intent nor another version is left beside it. */
function isSettled({ source, destination }: Pair, record: string | undefined, freezing: boolean): boolean {
  if (source === undefined || destination === undefined || source.digest !== destination.digest) return false;
  const content = freezing ? told(false, contentWords(source.digest)) : "";
  return record === content + told(true, versionWords(destination.version));
}
