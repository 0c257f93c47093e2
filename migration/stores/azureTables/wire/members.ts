import { OperationalError } from "../../../engine/errors";
import { describeKey } from "../../../engine/row";
import { EDM, edmTypeOfBytes } from "./edm";
import { JsonScanner, malformed } from "./json";
import { ANNOTATION_SUFFIX, ROLE, roleOf } from "./roles";
import { unescapeInto } from "./unescape";

/** What a member's value is in JSON. */
export const KIND = { string: 1, number: 2, true: 3, false: 4, null: 5 } as const;

function same(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): boolean {
  if (aEnd - aStart !== bEnd - bStart) return false;
  for (let i = aStart, j = bStart; i < aEnd; i++, j++) if (a[i] !== b[j]) return false;
  return true;
}

/** Most members of one entity: 252 annotated properties and the system's, with room for emulators that allow more. */
const MEMBERS_MAX = 2048;

/**
 * The members of one entity as positions in the bytes they were read from. One instance serves entity after entity:
 * what it says is valid until the next `begin`.
 */
export class Members {
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
  /** The bytes that positions refer to. */
  bytes: Buffer = Buffer.alloc(0);
  scanner = new JsonScanner(this.bytes);
  /** Where `unescaped` puts text. */
  private scratch: Buffer = Buffer.allocUnsafe(4096);
  /** Unescaped names: bounds in `names`; -1 where the name stands unescaped in `bytes`. */
  private readonly plainStart = new Int32Array(MEMBERS_MAX);
  private readonly plainEnd = new Int32Array(MEMBERS_MAX);
  private names: Buffer = Buffer.allocUnsafe(1024);
  private namesEnd = 0;
  private pending = -1;
  private unlinked = 0;
  private unknownType = -1;

  /** Reads from these bytes from now on. */
  open(bytes: Buffer): JsonScanner {
    this.bytes = bytes;
    this.scanner = new JsonScanner(bytes);
    return this.scanner;
  }

  /** Reads one entity that begins at `at`; returns where it ends. */
  entity(at: number): number {
    this.count = this.namesEnd = this.unlinked = 0;
    this.pending = this.unknownType = -1;
    this.partitionKey = this.rowKey = this.timestamp = this.etag = -1;
    const end = this.scanner.object(at, this.add);
    if (this.unlinked > 0) this.linkStragglers();
    if (this.unknownType >= 0) throw this.typeUnknown(this.unknownType);
    return end;
  }

  /** Takes the member whose name has these inner bounds and whose value begins at `value`; returns the value's end. */
  private readonly add = (nameStart: number, nameEnd: number, value: number): number => {
    const i = this.count;
    if (i === MEMBERS_MAX) throw malformed(`more than ${MEMBERS_MAX} members in one entity`, nameStart);
    this.nameStart[i] = nameStart;
    this.nameEnd[i] = nameEnd;
    this.valueStart[i] = value;
    this.type[i] = EDM.none;
    this.partner[i] = 0;
    this.plainName(i, nameStart, nameEnd);
    const role = roleOf(this.nameBytes(i), this.nameBytesStart(i), this.nameBytesEnd(i));
    if (role === undefined) throw malformed("an annotation other than @odata.type", nameStart);
    this.role[i] = role;
    const end = this.takeValue(i, value);
    this.valueEnd[i] = end;
    this.count = i + 1;
    this.link(i);
    return end;
  };

  private plainName(i: number, start: number, end: number): void {
    this.plainStart[i] = -1;
    // The scanner says whether the *last* string was escaped: the name, at this moment.
    if (!this.scanner.escaped) return;
    if (this.namesEnd + (end - start) > this.names.length) {
      const grown = Buffer.allocUnsafe(2 * (this.namesEnd + (end - start)));
      this.names.copy(grown, 0, 0, this.namesEnd);
      this.names = grown;
    }
    this.plainStart[i] = this.namesEnd;
    this.namesEnd = this.plainEnd[i] = unescapeInto(this.bytes, start, end, this.names, this.namesEnd);
  }

  private takeValue(i: number, at: number): number {
    const scanner = this.scanner;
    this.escaped[i] = this.fraction[i] = 0;
    let end: number;
    switch (scanner.peek(at)) {
      case 0x22:
        end = scanner.string(at);
        this.kind[i] = KIND.string;
        this.escaped[i] = scanner.escaped ? 1 : 0;
        return end;
      case 0x74:
        this.kind[i] = KIND.true;
        return scanner.literal(at, "true");
      case 0x66:
        this.kind[i] = KIND.false;
        return scanner.literal(at, "false");
      case 0x6e:
        this.kind[i] = KIND.null;
        return scanner.literal(at, "null");
      case 0x7b:
      case 0x5b:
        throw malformed("a nested value in an entity", at);
      default:
        end = scanner.number(at);
        this.kind[i] = KIND.number;
        this.fraction[i] = scanner.fraction ? 1 : 0;
        return end;
    }
  }

  /** Connects annotations with their properties; nearly always the annotation comes right before. */
  private link(i: number): void {
    switch (this.role[i]) {
      case ROLE.property:
        if (this.pending >= 0 && this.annotates(this.pending, i)) {
          this.join(this.pending, i);
          this.pending = -1;
          this.unlinked--;
        }
        return;
      case ROLE.annotation:
      case ROLE.keyAnnotation:
        this.type[i] = this.namedType(i);
        if (this.role[i] === ROLE.annotation) {
          this.pending = i;
          this.unlinked++;
        }
        return;
      case ROLE.partitionKey: this.partitionKey = this.once(this.partitionKey, i); return;
      case ROLE.rowKey: this.rowKey = this.once(this.rowKey, i); return;
      case ROLE.timestamp: this.timestamp = this.once(this.timestamp, i); return;
      case ROLE.etag: this.etag = i; return;
    }
  }

  private once(before: number, i: number): number {
    if (before >= 0) throw malformed("a system property given twice", this.nameStart[i] as number);
    return i;
  }

  private join(annotation: number, property: number): void {
    this.type[property] = this.type[annotation] as number;
    this.partner[property] = annotation + 1;
    this.partner[annotation] = property + 1;
  }

  private annotates(annotation: number, property: number): boolean {
    const end = this.nameBytesEnd(annotation) - ANNOTATION_SUFFIX.length;
    return same(
      this.nameBytes(annotation), this.nameBytesStart(annotation), end,
      this.nameBytes(property), this.nameBytesStart(property), this.nameBytesEnd(property),
    );
  }

  /** Finds the properties of annotations that came apart from them. */
  private linkStragglers(): void {
    for (let a = 0; a < this.count; a++) {
      if (this.role[a] !== ROLE.annotation || this.partner[a] !== 0) continue;
      for (let p = 0; p < this.count; p++) {
        if (this.role[p] === ROLE.property && this.partner[p] === 0 && this.annotates(a, p)) {
          this.join(a, p);
          break;
        }
      }
    }
  }

  private namedType(i: number): number {
    const start = (this.valueStart[i] as number) + 1;
    const end = (this.valueEnd[i] as number) - 1;
    if (this.kind[i] === KIND.string) {
      const type = this.escaped[i] === 0
        ? edmTypeOfBytes(this.bytes, start, end)
        : edmTypeOfBytes(this.unescaped(start, end), 0, this.unescapedEnd);
      if (type !== undefined && (this.role[i] === ROLE.annotation || type === EDM.string)) return type;
    }
    this.unknownType = i;
    return EDM.none;
  }

  private typeUnknown(i: number): OperationalError {
    return new OperationalError({
      code: "TypeUnknown",
      message:
        `Row ${this.describeRow()}: ${this.name(i)} names a type that Table Storage does not have. Known are ` +
        "Edm.Boolean, Int32, Int64, Double, DateTime, Guid, Binary and String (for keys: String only).",
    });
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
    this.unescapedEnd = unescapeInto(this.bytes, start, end, this.scratch, 0);
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
    return this.kind[i] === KIND.string
      ? this.decode(start + 1, end - 1, this.escaped[i] === 1)
      : this.bytes.toString("latin1", start, end);
  }

  private decode(start: number, end: number, escaped: boolean): string {
    // JSON.parse on a lone string loses nothing; lone surrogates survive it.
    return escaped ? (JSON.parse(this.bytes.toString("utf8", start - 1, end + 1)) as string)
      : this.bytes.toString("utf8", start, end);
  }
}
