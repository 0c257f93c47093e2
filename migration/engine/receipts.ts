import { assert } from "./errors";
import { Hash64 } from "./hash64";
import { KeyHasher } from "./keyHasher";
import { OLD_CONTENT_TAG, OLD_VERSION_TAG, oldEntryHolds, OldReceipts } from "./receiptsOfOld";
import type { Digest, Row, RowKey } from "./row";

/** What of a row is in a receipt or an intent. */
type Recorded = Pick<Row, keyof RowKey | "version" | "digest">;

/**
 * A receipt says how a run left one destination row: a hash of its key and a hash of its version (ETag).
 * An intent says what a run was about to write: a hash of the key and half of the content's digest. It covers the
 * moment between a write and its receipt, so that a run that was killed there recognises its own rows.
 *
 * Packed: 17 bytes each (1 tag, 8 key, 8 version or content), so 1,000 rows fit well into one 64 KiB binary property.
 */
export const RECEIPT_BYTES = 17;

/** Of one segment: what one binary property holds (64 KiB). */
export const RECEIPTS_BYTES_MAX = 64 * 1024;

const VERSION_TAG = 3;
const CONTENT_TAG = 4;
const WHAT_OFFSET = 9;

const versionHash = new Hash64();

/** asLeft: nobody touched the row since a run left it. changed: somebody did. unrecorded: no run left a row there. */
export type Standing = "asLeft" | "changed" | "unrecorded";

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The receipts of one segment, to look rows up in. Entries stand in the order of keys, and are asked for in it. */
export class ReceiptBook {
  private readonly packed: Buffer;
  private readonly hasher = new KeyHasher();
  /** Where the next key's entries begin, as long as rows are where they were. */
  private cursor = 0;
  private index: Map<string, readonly Uint8Array[]> | undefined;
  private old: OldReceipts | undefined;

  constructor(packed: Uint8Array = new Uint8Array(0)) {
    const { length } = packed;
    assert(length % RECEIPT_BYTES === 0, `receipts of ${length} bytes are no multiple of ${RECEIPT_BYTES}`);
    this.packed = asBuffer(packed);
    for (let at = 0; at < length; at += RECEIPT_BYTES) {
      const tag = packed[at];
      if (tag !== OLD_VERSION_TAG && tag !== OLD_CONTENT_TAG) continue;
      this.old ??= new OldReceipts();
      this.old.add(this.packed.subarray(at, at + RECEIPT_BYTES));
    }
  }

  /** Entries kept for this key, to carry over beside an intent. */
  of(key: RowKey): readonly Uint8Array[] {
    if (this.packed.length === 0) return [];
    const { high, low } = this.hasher.hash(key);
    const found = this.atCursor(high, low) ?? this.indexed(high, low);
    return this.old ? [...this.old.of(key), ...found] : found;
  }

  standing(row: Recorded): Standing {
    return standingOf(this.of(row), row);
  }

  private isAt(at: number, high: number, low: number): boolean {
    return at < this.packed.length && this.packed.readInt32BE(at + 1) === high &&
      this.packed.readInt32BE(at + 5) === low && (this.packed[at] as number) >= VERSION_TAG;
  }

  private atCursor(high: number, low: number): readonly Uint8Array[] | undefined {
    if (!this.isAt(this.cursor, high, low)) return undefined;
    const found: Uint8Array[] = [];
    for (; this.isAt(this.cursor, high, low); this.cursor += RECEIPT_BYTES) {
      found.push(this.packed.subarray(this.cursor, this.cursor + RECEIPT_BYTES));
    }
    return found;
  }

  private indexed(high: number, low: number): readonly Uint8Array[] {
    this.index ??= this.makeIndex();
    const found = this.index.get(nameOf(high, low)) ?? [];
    // Rows were added or are gone here; behind this one they may be where they were again.
    const last = found.at(-1);
    if (last) this.cursor = last.byteOffset - this.packed.byteOffset + RECEIPT_BYTES;
    return found;
  }

  private makeIndex(): Map<string, readonly Uint8Array[]> {
    const index = new Map<string, Uint8Array[]>();
    for (let at = 0; at < this.packed.length; at += RECEIPT_BYTES) {
      if ((this.packed[at] as number) < VERSION_TAG) continue;
      const name = nameOf(this.packed.readInt32BE(at + 1), this.packed.readInt32BE(at + 5));
      const entry = this.packed.subarray(at, at + RECEIPT_BYTES);
      const known = index.get(name);
      if (known) known.push(entry);
      else index.set(name, [entry]);
    }
    return index;
  }
}

/**
 * What a key's entries say of its row. A content with a version behind it tells what that version was made of (see
 * sync/rowRecords.ts): only a content behind the last version is an intent, which a killed run may have carried out.
 */
export function standingOf(known: readonly Uint8Array[], row: Recorded): Standing {
  if (known.length === 0) return "unrecorded";
  const last = known.findLastIndex(isVersion);
  return known.some((entry, at) => (at > last || isVersion(entry)) && holds(entry, row)) ? "asLeft" : "changed";
}

/** The entry is a receipt: it tells a version. */
export function isVersion(entry: Uint8Array): boolean {
  return entry[0] === VERSION_TAG || entry[0] === OLD_VERSION_TAG;
}

/** The entry tells this content, as a receipt's companion or as an intent. */
export function holdsContent(entry: Uint8Array, digest: Digest): boolean {
  return entry[0] === CONTENT_TAG && asBuffer(entry).readBigUInt64BE(WHAT_OFFSET) === BigInt.asUintN(64, digest);
}

/** The entry is a receipt of this version. */
export function holdsVersion(entry: Uint8Array, version: string): boolean {
  if (entry[0] !== VERSION_TAG) return false;
  const packed = asBuffer(entry);
  const { high, low } = versionHash.start().add(version);
  return packed.readInt32BE(WHAT_OFFSET) === high && packed.readInt32BE(WHAT_OFFSET + 4) === low;
}

/** The entry's key, as a name to find it by: the same as `keyName` of that key. Undefined for earlier releases'. */
export function entryName(entry: Uint8Array): string | undefined {
  if ((entry[0] as number) < VERSION_TAG) return undefined;
  const packed = asBuffer(entry);
  return nameOf(packed.readInt32BE(1), packed.readInt32BE(5));
}

const names = new KeyHasher();

export function keyName(key: RowKey): string {
  const { high, low } = names.hash(key);
  return nameOf(high, low);
}

function nameOf(high: number, low: number): string {
  return `${high} ${low}`;
}

/** A hash as text that no other hash has. */
export function nameOfHash({ high, low }: Pick<Hash64, "high" | "low">): string {
  return nameOf(high, low);
}

function holds(entry: Uint8Array, row: Recorded): boolean {
  const tag = entry[0];
  if (tag === OLD_VERSION_TAG || tag === OLD_CONTENT_TAG) return oldEntryHolds(entry, row);
  if (tag === CONTENT_TAG) return holdsContent(entry, row.digest);
  // A tag of a later release proves nothing here: the row counts as changed, and is asked about.
  return holdsVersion(entry, row.version);
}

/** Packs receipts and intents into one buffer; rows come in the order of keys. */
export class ReceiptWriter {
  private packed: Buffer;
  private end = 0;
  private readonly hasher = new KeyHasher();

  /** `entriesExpected` is room, not a bound. */
  constructor(entriesExpected: number) {
    this.packed = Buffer.allocUnsafe(entriesExpected * RECEIPT_BYTES);
  }

  /** The row is in the destination with this version. */
  version(key: RowKey, version: string): void {
    const at = this.begin(VERSION_TAG, key);
    const { high, low } = versionHash.start().add(version);
    this.packed.writeInt32BE(high, at + WHAT_OFFSET);
    this.packed.writeInt32BE(low, at + WHAT_OFFSET + 4);
  }

  /** A row with this content is about to be written. */
  content(key: RowKey, digest: Digest): void {
    const at = this.begin(CONTENT_TAG, key);
    this.packed.writeBigUInt64BE(BigInt.asUintN(64, digest), at + WHAT_OFFSET);
  }

  /** Entries of an earlier run, carried over as they are. */
  keep(entries: readonly Uint8Array[]): void {
    for (const entry of entries) {
      const at = this.room();
      this.packed.set(entry, at);
    }
  }

  /** Behind all others, as far as one record holds them. */
  keepAsFits(entries: Uint8Array): void {
    for (let at = 0; at < entries.length && this.end + RECEIPT_BYTES <= RECEIPTS_BYTES_MAX; at += RECEIPT_BYTES) {
      this.keep([entries.subarray(at, at + RECEIPT_BYTES)]);
    }
  }

  bytes(): Uint8Array {
    return this.packed.subarray(0, this.end);
  }

  private begin(tag: number, key: RowKey): number {
    const at = this.room();
    const { high, low } = this.hasher.hash(key);
    this.packed[at] = tag;
    this.packed.writeInt32BE(high, at + 1);
    this.packed.writeInt32BE(low, at + 5);
    return at;
  }

  private room(): number {
    const at = this.end;
    this.end += RECEIPT_BYTES;
    if (this.end > this.packed.length) {
      const grown = Buffer.allocUnsafe(2 * this.end);
      this.packed.copy(grown, 0, 0, at);
      this.packed = grown;
    }
    return at;
  }
}

/** The words of a version's hash as receipts hold them; valid until the next one is asked for. */
export function versionWords(version: string): Pick<Hash64, "high" | "low"> {
  return versionHash.start().add(version);
}

/** The words of a content as receipts hold them. */
export function contentWords(digest: Digest): Pick<Hash64, "high" | "low"> {
  return { high: Number(BigInt.asIntN(32, digest >> 32n)), low: Number(BigInt.asIntN(32, digest)) };
}

/** One entry, unpacked as far as it can be compared with others. */
export interface Receipt {
  /** The row was left with a version; otherwise the entry says something else, such as what was to be written. */
  readonly isVersion: boolean;
  readonly key: Pick<Hash64, "high" | "low">;
  readonly what: Pick<Hash64, "high" | "low">;
  readonly entry: Uint8Array;
}

/** The entries of a segment, one after the other. */
export function* receiptsIn(packed: Uint8Array): Generator<Receipt> {
  const bytes = asBuffer(packed);
  for (let at = 0; at < bytes.length; at += RECEIPT_BYTES) {
    yield {
      isVersion: bytes[at] === VERSION_TAG,
      key: { high: bytes.readInt32BE(at + 1), low: bytes.readInt32BE(at + 5) },
      what: { high: bytes.readInt32BE(at + WHAT_OFFSET), low: bytes.readInt32BE(at + WHAT_OFFSET + 4) },
      entry: bytes.subarray(at, at + RECEIPT_BYTES),
    };
  }
}

/** The same entries without those that are `gone`, and with others behind them. */
export function patchedReceipts(
  packed: Uint8Array,
  gone: (key: Pick<Hash64, "high" | "low">) => boolean,
  added: Uint8Array,
): Uint8Array {
  const kept: Uint8Array[] = [];
  for (const { key, entry } of receiptsIn(packed)) if (!gone(key)) kept.push(entry);
  return Buffer.concat([...kept, added]);
}

/** The entries of keys that have none of these names. */
export function entriesBut(packed: Uint8Array, names: ReadonlySet<string>): Uint8Array {
  const kept: Uint8Array[] = [];
  for (const { entry } of receiptsIn(packed)) {
    const name = entryName(entry);
    if (name !== undefined && !names.has(name)) kept.push(entry);
  }
  return Buffer.concat(kept);
}
