import { OperationalError } from "../../../engine/errors";
import { EDM, edmTypeOfBytes } from "./edm";
import { malformed } from "./json";
import { KIND, MEMBERS_MAX, MemberTable, same } from "./memberTable";
import { ANNOTATION_SUFFIX, ROLE, roleOf } from "./roles";

// Imports are getters once transpiled; what runs once per member is kept as a constant of the module.
const NONE = EDM.none;
const { string: STRING, number: NUMBER, true: TRUE, false: FALSE, null: NULL } = KIND;
const {
  property: PROPERTY, annotation: ANNOTATION, partitionKey: PARTITION_KEY, rowKey: ROW_KEY,
  keyAnnotation: KEY_ANNOTATION, timestamp: TIMESTAMP, etag: ETAG,
} = ROLE;
const TYPE_STRING = EDM.string;
const ROOM = MEMBERS_MAX;
const SUFFIX_BYTES = ANNOTATION_SUFFIX.length;
const alike = same;
const roleOfName = roleOf;
const typeOfBytes = edmTypeOfBytes;

const SPACE = 0x20;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Reads entities into their members: names, values, roles, and which annotation belongs to which property. */
export class Members extends MemberTable {
  /** The latest annotation that has not met its property; -1 for none. */
  private pending = -1;
  private unlinked = 0;
  private unknownType = -1;

  /** Reads one entity that begins at `at`; returns where it ends. */
  entity(at: number): number {
    if (this.count > this.known) this.known = this.count;
    this.count = this.namesEnd = this.unlinked = 0;
    this.pending = this.unknownType = -1;
    this.partitionKey = this.rowKey = this.timestamp = this.etag = -1;
    const end = this.readMembers(at);
    if (this.unlinked > 0) this.linkStragglers();
    if (this.unknownType >= 0) throw this.typeUnknown(this.unknownType);
    return end;
  }

  /** An object's members; the usual case, without white space, goes straight through. */
  private readMembers(at: number): number {
    const { bytes, scanner } = this;
    let i = scanner.space(scanner.expect(at, OPEN_OBJECT));
    if (bytes[i] === CLOSE_OBJECT) return i + 1;
    for (;;) {
      const nameEnd = scanner.string(i);
      let value = bytes[nameEnd] === COLON ? nameEnd + 1 : scanner.expect(scanner.space(nameEnd), COLON);
      if ((bytes[value] as number) <= SPACE) value = scanner.space(value);
      const nameStart = i + 1;
      i = this.add(nameStart, nameEnd - 1, value);
      if (bytes[i] !== COMMA) {
        i = scanner.space(i);
        if (bytes[i] === CLOSE_OBJECT) return i + 1;
      }
      i = scanner.expect(i, COMMA);
      if ((bytes[i] as number) <= SPACE) i = scanner.space(i);
    }
  }

  /** Takes the member whose name has these inner bounds and whose value begins at `value`; returns the value's end. */
  private add(nameStart: number, nameEnd: number, value: number): number {
    const i = this.count;
    if (i === ROOM) throw malformed(`more than ${MEMBERS_MAX} members in one entity`, nameStart);
    const asBefore = this.namedAsBefore(i, nameStart, nameEnd);
    this.nameStart[i] = nameStart;
    this.nameEnd[i] = nameEnd;
    if (!asBefore) this.newName(i, nameStart, nameEnd);
    this.valueStart[i] = value;
    this.type[i] = NONE;
    this.partner[i] = 0;
    const end = this.takeValue(i, value);
    this.valueEnd[i] = end;
    this.count = i + 1;
    const role = this.role[i];
    if (role !== PROPERTY || this.pending >= 0) this.link(i, role as number);
    return end;
  }

  /** Entities of a table mostly name the same members in the same order: role and hash of the name are known then. */
  private namedAsBefore(i: number, start: number, end: number): boolean {
    if (i >= this.known || this.scanner.escaped) return false;
    const { bytes, nameStart } = this;
    const before = nameStart[i] as number;
    if ((this.nameEnd[i] as number) - before !== end - start) return false;
    for (let a = before, b = start; b < end; a++, b++) if (bytes[a] !== bytes[b]) return false;
    return true;
  }

  private newName(i: number, start: number, end: number): void {
    this.hashed[i] = 0;
    this.plainName(i, start, end);
    const role = roleOfName(this.nameBytes(i), this.nameBytesStart(i), this.nameBytesEnd(i));
    if (role === undefined) throw malformed("an annotation other than @odata.type", start);
    this.role[i] = role;
  }

  private takeValue(i: number, at: number): number {
    const scanner = this.scanner;
    this.escaped[i] = this.fraction[i] = 0;
    let end: number;
    switch (this.bytes[at]) {
      case 0x22:
        end = scanner.string(at);
        this.kind[i] = STRING;
        this.escaped[i] = scanner.escaped ? 1 : 0;
        return end;
      case 0x74:
        this.kind[i] = TRUE;
        return scanner.literal(at, "true");
      case 0x66:
        this.kind[i] = FALSE;
        return scanner.literal(at, "false");
      case 0x6e:
        this.kind[i] = NULL;
        return scanner.literal(at, "null");
      case 0x7b:
      case 0x5b:
        throw malformed("a nested value in an entity", at);
      default:
        end = scanner.number(at);
        this.kind[i] = NUMBER;
        this.fraction[i] = scanner.fraction ? 1 : 0;
        return end;
    }
  }

  /** Connects annotations with their properties; nearly always the annotation comes right before. */
  private link(i: number, role: number): void {
    switch (role) {
      case PROPERTY:
        if (this.annotates(this.pending, i)) {
          this.join(this.pending, i);
          this.pending = -1;
          this.unlinked--;
        }
        return;
      case ANNOTATION:
      case KEY_ANNOTATION:
        this.type[i] = this.namedType(i);
        if (role === ANNOTATION) {
          this.pending = i;
          this.unlinked++;
        }
        return;
      case PARTITION_KEY: this.partitionKey = this.once(this.partitionKey, i); return;
      case ROW_KEY: this.rowKey = this.once(this.rowKey, i); return;
      case TIMESTAMP: this.timestamp = this.once(this.timestamp, i); return;
      case ETAG: this.etag = i; return;
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
    const end = this.nameBytesEnd(annotation) - SUFFIX_BYTES;
    return alike(
      this.nameBytes(annotation), this.nameBytesStart(annotation), end,
      this.nameBytes(property), this.nameBytesStart(property), this.nameBytesEnd(property),
    );
  }

  /** Finds the properties of annotations that came apart from them. */
  private linkStragglers(): void {
    for (let a = 0; a < this.count; a++) {
      if (this.role[a] !== ANNOTATION || this.partner[a] !== 0) continue;
      for (let p = 0; p < this.count; p++) {
        if (this.role[p] === PROPERTY && this.partner[p] === 0 && this.annotates(a, p)) {
          this.join(a, p);
          break;
        }
      }
    }
  }

  private namedType(i: number): number {
    const start = (this.valueStart[i] as number) + 1;
    const end = (this.valueEnd[i] as number) - 1;
    if (this.kind[i] === STRING) {
      const type = this.escaped[i] === 0
        ? typeOfBytes(this.bytes, start, end)
        : typeOfBytes(this.unescaped(start, end), 0, this.unescapedEnd);
      if (type !== undefined && (this.role[i] === ANNOTATION || type === TYPE_STRING)) return type;
    }
    this.unknownType = i;
    return NONE;
  }

  private typeUnknown(i: number): OperationalError {
    return new OperationalError({
      code: "TypeUnknown",
      message:
        `Row ${this.describeRow()}: ${this.name(i)} names a type that Table Storage does not have. Known are ` +
        "Edm.Boolean, Int32, Int64, Double, DateTime, Guid, Binary and String (for keys: String only).",
    });
  }
}
