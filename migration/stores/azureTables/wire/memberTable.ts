import { describeKey } from "../../../engine/row";
import { JsonScanner } from "./json";
import { hashInto, type Lanes } from "./memberHash";
import { unescapeInto } from "./unescape";

/** What a member's value is in JSON. */
export const KIND = { string: 1, number: 2, true: 3, false: 4, null: 5 } as const;

/** Most members of one entity: 252 annotated properties and the system's, with room for what emulators allow. */
export const MEMBERS_MAX = 2048;

// Imports and exports are getters once transpiled; what runs once per member is kept as a constant of the module.
const hash = hashInto;
const unescape = unescapeInto;
const KIND_STRING = KIND.string;

/** Where the words of a property start: four different ones (digits of pi), so that short names fill all four. */
const PROPERTY_START = Int32Array.of(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344);

export function same(
  a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number,
): boolean {
  if (aEnd - aStart !== bEnd - bStart) return false;
  for (let i = aStart, j = bStart; i < aEnd; i++, j++) if (a[i] !== b[j]) return false;
  return true;
}

/** The text between the quotes of a JSON string. */
export function decodeText(bytes: Buffer, start: number, end: number, escaped: boolean): string {
  // JSON.parse on a lone string loses nothing; lone surrogates survive it.
  if (escaped) return JSON.parse(bytes.toString("utf8", start - 1, end + 1)) as string;
  return bytes.toString("utf8", start, end);
}

/**
 * The members of one entity as positions in the bytes they were read from. One instance serves entity after entity:
 * what it says is valid until the next one is read.
 */
export class MemberTable {
  count = 0;
  readonly nameStart = new Int32Array(MEMBERS_MAX);
  readonly nameEnd = new Int32Array(MEMBERS_MAX);
  readonly valueStart = new Int32Array(MEMBERS_MAX);
  readonly valueEnd = new Int32Array(MEMBERS_MAX);
  readonly kind = new Uint8Array(MEMBERS_MAX);
  readonly role = new Uint8Array(MEMBERS_MAX);
  /** The annotated type of a property, or the type that an annotation names; `EDM.none` without one. */
  readonly type = new Uint8Array(MEMBERS_MAX);
  /** A string with escapes in it. */
  readonly escaped = new Uint8Array(MEMBERS_MAX);
  /** A number with a point or an exponent. */
  readonly fraction = new Uint8Array(MEMBERS_MAX);
  /** For a property: its annotation's index + 1; for an annotation: its property's index + 1; 0 without. */
  readonly partner = new Int32Array(MEMBERS_MAX);
  /** Index of each system member; -1 where it is not there. */
  partitionKey = -1;
  rowKey = -1;
  timestamp = -1;
  etag = -1;
  /** So many places hold the names of earlier entities of the same bytes. */
  protected known = 0;
  /** The bytes that positions refer to. */
  bytes: Buffer = Buffer.alloc(0);
  scanner = new JsonScanner(this.bytes);
  /** Where `unescaped` puts text. */
  private scratch: Buffer = Buffer.allocUnsafe(4096);
  /** Unescaped names: bounds in `names`; -1 where the name stands unescaped in `bytes`. */
  private readonly plainStart = new Int32Array(MEMBERS_MAX);
  private readonly plainEnd = new Int32Array(MEMBERS_MAX);
  private names: Buffer = Buffer.allocUnsafe(1024);
  protected namesEnd = 0;
  /** Hashes of names, four words each; good where `hashed` is 1. Like `role`, kept while the names stay the same. */
  private readonly nameHashes = new Int32Array(4 * MEMBERS_MAX);
  protected readonly hashed = new Uint8Array(MEMBERS_MAX);
  private lastKey = "";
  private lastKeyBytes: Buffer | undefined;
  private lastKeyStart = 0;
  private lastKeyEnd = 0;

  /** Reads from these bytes from now on. */
  open(bytes: Buffer): JsonScanner {
    this.bytes = bytes;
    this.count = this.known = 0;
    this.scanner = new JsonScanner(bytes);
    return this.scanner;
  }

  protected plainName(i: number, start: number, end: number): void {
    this.plainStart[i] = -1;
    // The scanner says whether the *last* string was escaped: the name, at this moment.
    if (!this.scanner.escaped) return;
    if (this.namesEnd + (end - start) > this.names.length) {
      const grown = Buffer.allocUnsafe(2 * (this.namesEnd + (end - start)));
      this.names.copy(grown, 0, 0, this.namesEnd);
      this.names = grown;
    }
    this.plainStart[i] = this.namesEnd;
    this.namesEnd = this.plainEnd[i] = unescape(this.bytes, start, end, this.names, this.namesEnd);
  }

  /** Puts the hash of a property's name into `lanes`. */
  nameLanes(i: number, lanes: Lanes): void {
    const at = 4 * i;
    const known = this.nameHashes;
    if (this.hashed[i] === 0) {
      lanes.set(PROPERTY_START);
      hash(lanes, this.nameBytes(i), this.nameBytesStart(i), this.nameBytesEnd(i));
      known.set(lanes, at);
      this.hashed[i] = 1;
      return;
    }
    for (let lane = 0; lane < 4; lane++) lanes[lane] = known[at + lane] as number;
  }

  /** The entity's key for people, as far as it was given. */
  describeRow(): string {
    const part = (i: number) => (i < 0 ? "?" : this.text(i));
    return describeKey({ partitionKey: part(this.partitionKey), rowKey: part(this.rowKey) });
  }

  nameBytes(i: number): Buffer {
    return (this.plainStart[i] as number) < 0 ? this.bytes : this.names;
  }

  nameBytesStart(i: number): number {
    const plain = this.plainStart[i] as number;
    return plain < 0 ? (this.nameStart[i] as number) : plain;
  }

  nameBytesEnd(i: number): number {
    return ((this.plainStart[i] as number) < 0 ? this.nameEnd[i] : this.plainEnd[i]) as number;
  }

  /** Where the last result of `unescaped` ends in `scratch`. */
  unescapedEnd = 0;

  /** Unescapes into `scratch`, from its beginning. */
  unescaped(start: number, end: number): Buffer {
    if (end - start > this.scratch.length) this.scratch = Buffer.allocUnsafe(2 * (end - start));
    this.unescapedEnd = unescape(this.bytes, start, end, this.scratch, 0);
    return this.scratch;
  }

  /** A member's name, as a string. */
  name(i: number): string {
    return this.decode(this.nameStart[i] as number, this.nameEnd[i] as number, (this.plainStart[i] as number) >= 0);
  }

  /** A string value unescaped; anything else as it is spelt. */
  text(i: number): string {
    const start = this.valueStart[i] as number;
    const end = this.valueEnd[i] as number;
    return this.kind[i] === KIND_STRING
      ? this.decode(start + 1, end - 1, this.escaped[i] === 1)
      : this.bytes.toString("latin1", start, end);
  }

  /** A text of ASCII characters, such as an ETag. */
  asciiText(i: number): string {
    const start = (this.valueStart[i] as number) + 1;
    const end = (this.valueEnd[i] as number) - 1;
    return this.escaped[i] === 1
      ? this.unescaped(start, end).toString("latin1", 0, this.unescapedEnd)
      : this.bytes.toString("latin1", start, end);
  }

  /** The partition key: neighbours mostly share it, and then share the string too. */
  partitionKeyText(): string {
    const i = this.partitionKey;
    const start = this.valueStart[i] as number;
    const end = this.valueEnd[i] as number;
    const { bytes } = this;
    if (this.lastKeyBytes !== bytes || !same(bytes, start, end, bytes, this.lastKeyStart, this.lastKeyEnd)) {
      this.lastKey = this.text(i);
      this.lastKeyBytes = bytes;
      this.lastKeyStart = start;
      this.lastKeyEnd = end;
    }
    return this.lastKey;
  }

  private decode(start: number, end: number, escaped: boolean): string {
    return decodeText(this.bytes, start, end, escaped);
  }
}
