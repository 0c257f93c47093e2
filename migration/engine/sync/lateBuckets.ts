import type { Selection } from "../bucketRounds";
import { eachRound } from "../eachRound";
import type { Hash64 } from "../hash64";
import { bucketOf, BUCKETS, BucketSums } from "../keyBuckets";
import { KeyHasher } from "../keyHasher";
import { migrationOf } from "../copyTable";
import { contentWords, keyName, nameOfHash, receiptsIn } from "../receipts";
import { HOME_KEYS_MAX, NO_END, SequencesBehind } from "../reconcileHomes";
import { segmentsOf } from "../recordedSegments";
import { withRetry } from "../retry";
import { type HeldPair, RoundRows } from "../roundRows";
import { compareKeys, type Row } from "../row";
import { SEGMENT_BYTES_MAX } from "../segments";
import { throwIfStopped } from "../stop";
import type { Page } from "../store";
import { together } from "../together";
import { expectedRow, renamedPages } from "../transform";
import { VersionSums } from "../versionSums";
import type { Unclaimed } from "./lateDeletes";
import { RowRecords } from "./rowRecords";
import type { Piece, Stretch } from "./stretch";
import type { SyncingTable } from "./syncing";
import { workPieces } from "./workPieces";

type Words = Pick<Hash64, "high" | "low">;

/** Of a key whose record does not say what the destination's row was made of. */
const UNSETTLED: Words = { high: 0x5bd1e995, low: 0x1b873593 };

/** What a pass over a source without an order needs of the one who makes it. */
export interface LateBuckets {
  /** Reads all of the source anew, as it names its properties. */
  readonly scan: () => AsyncGenerator<Page>;
  /** Hears what the first reading showed. */
  readonly watch: (pages: AsyncGenerator<Page>) => AsyncGenerator<Page>;
  readonly unclaimed: Unclaimed;
  readonly work: (piece: Piece) => Promise<void>;
}

/**
 * Holds all of a source without an order against the record of every row, in bounded memory: both are read into sums
 * per bucket of keys, and where they differ the rows of as many buckets as fit are collected, and go to the segments
 * that record them. One round is over before the next one reads the record.
 */
export async function lateByBuckets(syncing: SyncingTable, late: LateBuckets): Promise<void> {
  const { run, tally } = syncing;
  const rows = new BucketSums();
  const contents = new VersionSums();
  const recorded = new VersionSums();
  await together([
    sumSource(syncing, renamedPages(syncing, late.watch(late.scan())), rows, contents),
    sumRecords(syncing, recorded),
  ]);
  const open: number[] = [];
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    if (!contents.isLike(recorded, bucket)) open.push(bucket);
    else {
      tally.rows += rows.counts[bucket] as number;
      tally.unchanged += rows.counts[bucket] as number;
    }
  }
  await eachRound(run, open, [rows], (selection) => workPieces(run, piecesOf(syncing, late, selection), late.work));
}

async function sumSource(
  { run }: SyncingTable,
  pages: AsyncGenerator<Page>,
  sums: BucketSums,
  contents: VersionSums,
): Promise<void> {
  const hasher = new KeyHasher();
  for await (const { rows } of pages) {
    throwIfStopped(run.signal);
    for (const row of rows) {
      const hash = hasher.hash(row);
      const bucket = bucketOf(hash, run.settings.seed);
      sums.add(bucket, hash, row, row.digest);
      contents.add(bucket, hash, contentWords(row.digest));
    }
    run.meter.tick();
  }
}

/** For each recorded key what the destination's row was made of. */
async function sumRecords(syncing: SyncingTable, sums: VersionSums): Promise<void> {
  const { run } = syncing;
  for await (const page of segmentsOf(run, migrationOf(syncing))) {
    throwIfStopped(run.signal);
    for (const { receipts } of page) {
      for (const { key, settled } of recordedIn(receipts).values()) {
        sums.add(bucketOf(key, run.settings.seed), key, settled ?? UNSETTLED);
      }
    }
  }
}

interface RecordedKey {
  readonly key: Words;
  /** The content that stands before the last entry, where that is a version: nothing is to be done about such a row. */
  readonly settled: Words | undefined;
}

/** The keys of a segment by their names; as `RowRecords.isSettled` reads them. */
function recordedIn(receipts: Uint8Array): ReadonlyMap<string, RecordedKey> {
  const found = new Map<string, RecordedKey>();
  const contents = new Map<string, Words>();
  for (const { isVersion, key, what } of receiptsIn(receipts)) {
    const name = nameOfHash(key);
    found.set(name, { key, settled: isVersion ? contents.get(name) : undefined });
    if (isVersion) contents.delete(name);
    else contents.set(name, what);
  }
  return found;
}

/** What a round collected, until it is known where it belongs. */
type Homeless = Map<string, HeldPair>;

async function collect(syncing: SyncingTable, { scan }: LateBuckets, selection: Selection): Promise<Homeless> {
  const { run } = syncing;
  const hasher = new KeyHasher();
  const round = new RoundRows();
  for await (const { rows } of renamedPages(syncing, scan())) {
    throwIfStopped(run.signal);
    for (const row of rows) {
      if (selection.has(bucketOf(hasher.hash(row), run.settings.seed))) round.add("source", row);
    }
    run.meter.tick();
  }
  const homeless: Homeless = new Map();
  for (const pair of round.pairs) if (pair.source) homeless.set(keyName(pair.source), pair);
  return homeless;
}

/** The rows of one round, segment by segment; those that nothing is recorded of fill up the last one, then new ones. */
async function* piecesOf(syncing: SyncingTable, late: LateBuckets, selection: Selection): AsyncGenerator<Piece> {
  const { run } = syncing;
  const homeless = await collect(syncing, late, selection);
  const sequences = new SequencesBehind();
  let last: { readonly stretch: Stretch; readonly mine: HeldPair[]; readonly keys: number } | undefined;
  for await (const page of segmentsOf(run, migrationOf(syncing))) {
    for (const { sequence, upTo, receipts } of page) {
      if (last) yield* pieces(syncing, last.stretch, last.mine);
      const mine: HeldPair[] = [];
      const known = recordedIn(receipts);
      for (const [name, { key }] of known) {
        if (!selection.has(bucketOf(key, run.settings.seed))) continue;
        const pair = homeless.get(name);
        if (pair && homeless.delete(name)) mine.push(pair);
        else late.unclaimed.addName(name, sequence);
      }
      last = { stretch: { sequence, upTo, records: new RowRecords(receipts), recorded: true }, mine, keys: known.size };
      sequences.lastSequence = sequence;
    }
  }
  const left = [...homeless.values()];
  const room = last ? Math.max(0, HOME_KEYS_MAX - last.keys) : 0;
  if (last) yield* pieces(syncing, last.stretch, [...last.mine, ...left.slice(0, room)]);
  for (let at = room; at < left.length; at += HOME_KEYS_MAX) {
    const stretch = { sequence: sequences.next(), upTo: NO_END, records: new RowRecords(), recorded: false };
    yield* pieces(syncing, stretch, left.slice(at, at + HOME_KEYS_MAX));
  }
}

/** Cuts a segment's rows by what they take of memory. What found no room in the round is read once more, as it is. */
async function* pieces(
  syncing: SyncingTable,
  stretch: Stretch,
  held: readonly HeldPair[],
): AsyncGenerator<Piece> {
  const { run, settings, tally } = syncing;
  let rows: Row[] = [];
  let bytes = 0;
  for (const { source, hasBodies } of held) {
    if (!source) continue;
    if (stretch.records.isSettled(source, source.digest)) {
      tally.rows += 1;
      tally.unchanged += 1;
      continue;
    }
    const read = () => withRetry(run.reading, () => run.context.source.readRow(settings.table, source));
    const now = hasBodies ? undefined : await read();
    // Deleted since it was collected: the next run looks after it.
    if (!hasBodies && !now) continue;
    const row = now ? expectedRow(syncing, now) : source;
    rows.push(row);
    bytes += row.body.length;
    if (bytes < SEGMENT_BYTES_MAX) continue;
    yield { stretch, rows: rows.sort(compareKeys), last: false };
    rows = [];
    bytes = 0;
  }
  if (rows.length > 0) yield { stretch, rows: rows.sort(compareKeys), last: true };
}
