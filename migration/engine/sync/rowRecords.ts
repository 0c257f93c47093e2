import {
  entryName, holdsContent, holdsVersion, isVersion, keyName, RECEIPT_BYTES, ReceiptWriter, type Standing, standingOf,
} from "../receipts";
import type { Digest, Row, RowKey } from "../row";

/** Of one key, in the order in which they were recorded. */
type Entries = readonly Uint8Array[];

/** No service gives a row this version: the row is recorded, and not as landbridge left it. */
const NO_VERSION = "";

/**
 * The per-row record of one segment, as live moves keep it. For each key its entries stand in order:
 * `content, version` says "the source's row was this, and this version came of it"; a content behind the last version
 * is an intent, which a run that was killed may have carried out. Of a key with intents alone nobody knows whether its
 * row ever was there; once people were told so, `NO_VERSION` stands before the intents.
 */
export class RowRecords {
  private readonly entries = new Map<string, Entries>();
  /** Those of earlier releases are carried over as they are. */
  private readonly old: Uint8Array[] = [];
  private bytesHeld: number;

  constructor(packed: Uint8Array = new Uint8Array(0)) {
    this.bytesHeld = packed.length;
    for (let at = 0; at < packed.length; at += RECEIPT_BYTES) {
      const entry = packed.subarray(at, at + RECEIPT_BYTES);
      const name = entryName(entry);
      if (name === undefined) this.old.push(entry);
      else this.entries.set(name, [...(this.entries.get(name) ?? []), entry]);
    }
  }

  /** What `bytes` will be long. */
  get length(): number {
    return this.bytesHeld;
  }

  get names(): IterableIterator<string> {
    return this.entries.keys();
  }

  has(key: RowKey): boolean {
    return this.entries.has(keyName(key));
  }

  /** Some run wrote the row, or found it equal: not only meant to. */
  wasThere(key: RowKey): boolean {
    return this.of(key).some(isVersion);
  }

  /** Some run was about to insert the row, and nothing tells whether it did; nobody decided about it since. */
  isMeant(key: RowKey): boolean {
    return this.has(key) && (!this.wasThere(key) || this.wasTold(key));
  }

  /** Of a row that was meant to be inserted: people were told. */
  wasTold(key: RowKey): boolean {
    const [first] = this.of(key);
    return first !== undefined && holdsVersion(first, NO_VERSION);
  }

  /** People are told of a row that was meant to be inserted. */
  tell(key: RowKey): void {
    if (this.wasTold(key)) return;
    const packed = new ReceiptWriter(1);
    packed.version(key, NO_VERSION);
    this.set(keyName(key), [...split(packed.bytes()), ...this.of(key)]);
  }

  /** The source's row is what the destination's was last made of: nothing is to be done about it. */
  isSettled(key: RowKey, digest: Digest): boolean {
    const known = this.of(key);
    const [content, version] = known.slice(-2);
    return version !== undefined && isVersion(version) && content !== undefined && holdsContent(content, digest);
  }

  /** By version, or by the intent of a run that was killed; never by a content alone that has a version behind it. */
  standing(row: Pick<Row, keyof RowKey | "version" | "digest">): Standing {
    return standingOf(this.of(row), row);
  }

  /** The destination's row has this version, and was made of a source's row with this content. */
  settle(key: RowKey, digest: Digest, version: string): void {
    const packed = new ReceiptWriter(2);
    packed.content(key, digest);
    packed.version(key, version);
    this.set(keyName(key), split(packed.bytes()));
  }

  /** The destination's row stays as it is, whatever the source's says; the next change of the source is asked anew. */
  decide(key: RowKey, digest: Digest): void {
    this.settle(key, digest, NO_VERSION);
  }

  /** A row with this content is about to be written. */
  intend(key: RowKey, digest: Digest): void {
    const packed = new ReceiptWriter(1);
    packed.content(key, digest);
    // The last version with what it was made of, and the intent before this one, which may still be carried out.
    const known = this.of(key);
    const last = known.findLastIndex(isVersion);
    const settled = known.slice(Math.max(0, last - 1), last + 1);
    this.set(keyName(key), [...settled, ...known.slice(last + 1).slice(-1), ...split(packed.bytes())]);
  }

  /** What was meant last was not written for sure: the destination refused it, or never heard of it. */
  takeBack(key: RowKey): void {
    const known = this.of(key);
    const last = known.at(-1);
    if (last && !isVersion(last)) this.set(keyName(key), known.slice(0, -1));
  }

  /** Nothing of what was meant to be written was: somebody else's row is there. */
  forgetIntents(key: RowKey): void {
    const known = this.of(key);
    this.set(keyName(key), known.slice(0, known.findLastIndex(isVersion) + 1));
  }

  remove(name: string): void {
    this.set(name, []);
  }

  /** Takes a key's entries over from another segment. */
  take(from: RowRecords, key: RowKey): void {
    const name = keyName(key);
    const known = from.entries.get(name);
    if (known === undefined) return;
    this.set(name, known);
    from.remove(name);
  }

  bytes(): Uint8Array {
    return Buffer.concat([...this.old, ...[...this.entries.values()].flat()]);
  }

  private of(key: RowKey): Entries {
    return this.entries.get(keyName(key)) ?? [];
  }

  private set(name: string, entries: Entries): void {
    this.bytesHeld += (entries.length - (this.entries.get(name)?.length ?? 0)) * RECEIPT_BYTES;
    if (entries.length === 0) this.entries.delete(name);
    else this.entries.set(name, entries);
  }
}

function split(packed: Uint8Array): Entries {
  return Array.from({ length: packed.length / RECEIPT_BYTES }, (_, at) =>
    packed.subarray(at * RECEIPT_BYTES, (at + 1) * RECEIPT_BYTES));
}
