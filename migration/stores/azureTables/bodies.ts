import { EDM } from "./wire/edm";
import { KIND } from "./wire/memberTable";
import type { Members } from "./wire/members";
import { ROLE } from "./wire/roles";

const DOUBLE_ANNOTATION = Buffer.from('@odata.type":"Edm.Double",');
const OPEN = 0x7b;
const CLOSE = 0x7d;
const COMMA = 0x2c;
const QUOTE = 0x22;

// Imports are getters once transpiled; what runs once per member is kept as a constant of the module.
const PROPERTY = ROLE.property;
const LAST_KEPT = ROLE.keyAnnotation;
const NUMBER = KIND.number;
const NONE = EDM.none;

/** Room for further bodies, where the first estimate did not do. */
const ROOM_BYTES_MIN = 4096;

/**
 * Writes entities as a destination is given them: every kept member byte for byte, what the server adds left out.
 * Bodies of one page share a buffer: whoever keeps one of them for long keeps them all, and should copy it.
 */
export class Bodies {
  private out: Buffer;
  /** Where the body under way begins and, so far, ends. */
  private start = 0;
  private end = 0;

  /** `bytes` are expected in all, which is what the entities took as they came. */
  constructor(bytes: number) {
    this.out = Buffer.allocUnsafeSlow(bytes);
  }

  of(members: Members): Buffer {
    const { bytes, count, role, nameStart, valueEnd } = members;
    this.reserve(1);
    this.out[this.end++] = OPEN;
    let runStart = -1;
    let runEnd = -1;
    for (let i = 0; i < count; i++) {
      const kept = (role[i] as number) <= LAST_KEPT;
      const annotate = kept && needsAnnotation(members, i);
      if ((!kept || annotate) && runStart >= 0) {
        this.copy(bytes, runStart, runEnd);
        runStart = -1;
      }
      if (annotate) this.annotateDouble(members, i);
      if (kept) {
        // Neighbours are copied in one go, with whatever stands between them.
        if (runStart < 0) runStart = (nameStart[i] as number) - 1;
        runEnd = valueEnd[i] as number;
      }
    }
    if (runStart >= 0) this.copy(bytes, runStart, runEnd);
    this.reserve(1);
    this.out[this.end++] = CLOSE;
    const body = this.out.subarray(this.start, this.end);
    this.start = this.end;
    return body;
  }

  private reserve(bytes: number): void {
    if (this.end + bytes <= this.out.length) return;
    const begun = this.end - this.start;
    const larger = Buffer.allocUnsafeSlow(2 * (begun + bytes) + ROOM_BYTES_MIN);
    this.out.copy(larger, 0, this.start, this.end);
    this.out = larger;
    this.start = 0;
    this.end = begun;
  }

  private copy(source: Buffer, start: number, end: number): void {
    this.reserve(end - start + 1);
    if (this.end - this.start > 1) this.out[this.end++] = COMMA;
    this.end += source.copy(this.out, this.end, start, end);
  }

  private annotateDouble(members: Members, i: number): void {
    const start = members.nameStart[i] as number;
    const end = members.nameEnd[i] as number;
    this.reserve(end - start + DOUBLE_ANNOTATION.length + 2);
    if (this.end - this.start > 1) this.out[this.end++] = COMMA;
    this.out[this.end++] = QUOTE;
    this.end += members.bytes.copy(this.out, this.end, start, end);
    // The annotation's own comma is written with the member that follows.
    this.end += DOUBLE_ANNOTATION.copy(this.out, this.end, 0, DOUBLE_ANNOTATION.length - 1);
  }
}

/** A number that only its spelling marks as a Double says so explicitly: some services drop ".0" otherwise. */
function needsAnnotation(members: Members, i: number): boolean {
  return members.fraction[i] === 1 && members.kind[i] === NUMBER && members.role[i] === PROPERTY &&
    members.type[i] === NONE;
}
