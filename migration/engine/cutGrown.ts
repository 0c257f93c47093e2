import type { SegmentRecord } from "./journal";
import { keyName, nameOfHash, patchedReceipts, RECEIPT_BYTES, RECEIPTS_BYTES_MAX } from "./receipts";
import type { Due, Reconciling } from "./reconciling";
import { namesIn } from "./recordedSegments";
import { withRetry } from "./retry";
import { compareKeys, type RowKey } from "./row";
import { scanPages } from "./scan";
import { sequenceBetween } from "./segments";
import { throwIfStopped } from "./stop";

/** What a comparison leaves of one key, at most: what was copied, its version, and an intent. */
const ENTRIES_PER_KEY_MAX = 3;

/** Keys of a segment to which a comparison adds rows: beyond, what is recorded of them outgrows one binary property. */
export const GROWN_KEYS_MAX = Math.floor(RECEIPTS_BYTES_MAX / (RECEIPT_BYTES * ENTRIES_PER_KEY_MAX));

/** Keys of each part of one that is cut: half, so that the next round's rows find room. */
const PART_KEYS_MAX = Math.floor(GROWN_KEYS_MAX / 2);

/** A part of a segment, with what is due in it. */
export interface Part {
  readonly record: SegmentRecord;
  readonly due: readonly Due[];
}

type Boundary = Pick<SegmentRecord, "sequence"> & { readonly upTo?: RowKey };

/**
 * Cuts a segment that would take more keys than its record may hold, in the order of the source's keys. Receipts know
 * hashes of keys only: the source is asked for the keys of this stretch, and the destination for those that it does
 * not have. What neither knows stays in the last part, to be let go of. Parts with receipts are recorded in one step.
 * `due` is in key order; memory: the segment's keys.
 */
export async function cutGrown(
  reconciling: Reconciling,
  previous: Boundary,
  record: SegmentRecord,
  due: readonly Due[],
): Promise<readonly Part[]> {
  const { run, migration } = reconciling;
  const recorded = namesIn(record);
  const added = due.filter(({ name }) => !recorded.has(name)).length;
  const isGrown = added > 0 && recorded.size + added > GROWN_KEYS_MAX;
  if (!isGrown || run.settings.dryRun) return [{ record, due }];
  const keys = await keysOf(reconciling, previous, record, recorded, due);
  const names = new Set(keys.map(({ name }) => name));
  const unknown = [...recorded].filter((name) => !names.has(name)).length;
  const inLast = Math.max(0, PART_KEYS_MAX - unknown);
  const parts: Part[] = [];
  let rest = record.receipts;
  let { sequence } = previous;
  let dueAt = 0;
  for (let at = 0; at + inLast < keys.length; at += PART_KEYS_MAX) {
    const some = keys.slice(at, at + PART_KEYS_MAX);
    const mine = new Set(some.map(({ name }) => name));
    const { partitionKey, rowKey } = (some.at(-1) as Known).key;
    const upTo = { partitionKey, rowKey };
    sequence = sequenceBetween(sequence, record.sequence);
    const receipts = patchedReceipts(rest, (key) => !mine.has(nameOfHash(key)), new Uint8Array(0));
    rest = patchedReceipts(rest, (key) => mine.has(nameOfHash(key)), new Uint8Array(0));
    const first = dueAt;
    while (dueAt < due.length && compareKeys((due[dueAt] as Due).key, upTo) <= 0) dueAt += 1;
    parts.push({ record: { sequence, upTo, receipts }, due: due.slice(first, dueAt) });
  }
  parts.push({ record: { ...record, receipts: rest }, due: due.slice(dueAt) });
  // A part of new rows alone is recorded when they are written; until then their keys belong to the next one.
  const last = parts.length - 1;
  const segments = parts.map((part) => part.record).filter(({ receipts }, at) => at === last || receipts.length > 0);
  await withRetry(run.writing, () => run.context.journal.commit(migration, { segments }));
  return parts;
}

interface Known {
  readonly key: RowKey;
  readonly name: string;
}

/** The keys of a stretch that are recorded or due, as far as they are known, in order. */
async function keysOf(
  { run, settings }: Reconciling,
  { upTo: after }: Boundary,
  { upTo }: SegmentRecord,
  recorded: ReadonlySet<string>,
  due: readonly Due[],
): Promise<readonly Known[]> {
  const known = new Map<string, Known>(due.map((one) => [one.name, one]));
  const range = { upTo, ...(after ? { after } : {}) };
  const filter = settings.filter === undefined ? {} : { filter: settings.filter };
  const request = { range, keysOnly: true, ...filter };
  for await (const { rows } of scanPages(run.reading, run.context.source, settings.table, request)) {
    throwIfStopped(run.signal);
    for (const { partitionKey, rowKey } of rows) {
      const name = keyName({ partitionKey, rowKey });
      if (recorded.has(name)) known.set(name, { key: { partitionKey, rowKey }, name });
    }
  }
  // Rows that are gone from the source are known by the destination, and only by it. All of it is read, where there are
  // any: a record out of its place would let a row be deleted that somebody changed.
  const { destination } = run.context;
  const isMissing = (name: string) => recorded.has(name) && !known.has(name);
  if (![...recorded].some(isMissing)) return inOrder(known);
  for await (const { rows } of scanPages(run.writing, destination, settings.destinationTable, { keysOnly: true })) {
    throwIfStopped(run.signal);
    for (const { partitionKey, rowKey } of rows) {
      const name = keyName({ partitionKey, rowKey });
      if (isMissing(name)) known.set(name, { key: { partitionKey, rowKey }, name });
    }
  }
  return inOrder(known);
}

function inOrder(known: ReadonlyMap<string, Known>): readonly Known[] {
  return [...known.values()].sort((a, b) => compareKeys(a.key, b.key));
}
