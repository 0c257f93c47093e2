import { OperationalError } from "../../engine/errors";
import { EDM, edmName, type EdmType } from "./wire/edm";
import { KIND } from "./wire/memberTable";
import type { Members } from "./wire/members";
import { canonicalInteger, canonicalDateTime, canonicalDouble, canonicalGuid, canonicalBase64 } from "./canonicalText";

/** One spelling per value: bytes[start..end), valid until the next call. */
export interface CanonicalValue {
  /** `EDM.none` for null, which in a table means "not there". */
  type: EdmType;
  bytes: Uint8Array;
  start: number;
  end: number;
}

export function emptyCanonical(): CanonicalValue {
  return { type: EDM.none, bytes: Buffer.alloc(0), start: 0, end: 0 };
}

const TRUE = Uint8Array.of(1);
const FALSE = Uint8Array.of(0);

/**
 * The type of a property: as annotated, else as JSON and OData say. A bare number is Int32, or Double with a point or
 * an exponent.
 */
export function typeOf(members: Members, i: number): EdmType {
  switch (members.kind[i]) {
    case KIND.null: return EDM.none;
    case KIND.true:
    case KIND.false: return annotated(members, i, EDM.boolean);
    case KIND.number: return annotated(members, i, members.fraction[i] === 1 ? EDM.double : EDM.int32);
    default: return annotated(members, i, EDM.string);
  }
}

function annotated(members: Members, i: number, bare: EdmType): EdmType {
  const type = members.type[i] as EdmType;
  return type === EDM.none ? bare : type;
}

function doesNotFit(members: Members, i: number, type: EdmType): OperationalError {
  return new OperationalError({
    code: "ValueInvalid",
    message:
      `Row ${members.describeRow()}, property ${JSON.stringify(members.name(i))}: the value does not fit its type ` +
      `${edmName(type)}. Correct the property (or its type) in the table it was read from, then run again.`,
  });
}

/** True where JSON spells a value of this type in this way. */
function kindFits(kind: number, type: EdmType): boolean {
  switch (type) {
    case EDM.boolean: return kind === KIND.true || kind === KIND.false;
    case EDM.int32:
    case EDM.int64:
    case EDM.double: return kind === KIND.number || kind === KIND.string;
    default: return kind === KIND.string;
  }
}

/**
 * Puts the canonical value of property `i` into `out`: integers as decimal text, Double as IEEE bits (every NaN the
 * same), DateTime as days, seconds and 100 ns, Guid in lower case, Binary as Base64 (one text per value), String as
 * UTF-8 (lone surrogates kept apart), Boolean as one byte. Mostly no byte is copied.
 * Throws `ValueInvalid`, naming row and property, where the text does not fit the type.
 */
export function canonicalise(members: Members, i: number, out: CanonicalValue): void {
  const type = typeOf(members, i);
  out.type = type;
  const kind = members.kind[i] as number;
  if (type === EDM.none) {
    out.start = out.end = 0;
    return;
  }
  if (!kindFits(kind, type)) throw doesNotFit(members, i, type);
  if (type === EDM.boolean) {
    out.bytes = kind === KIND.true ? TRUE : FALSE;
    out.start = 0;
    out.end = 1;
    return;
  }
  locate(members, i, kind, out);
  if (!canonicalText(type, kind === KIND.number, out)) throw doesNotFit(members, i, type);
}

/** Points `out` at the text: without quotes, unescaped. */
function locate(members: Members, i: number, kind: number, out: CanonicalValue): void {
  const inset = kind === KIND.string ? 1 : 0;
  out.bytes = members.bytes;
  out.start = (members.valueStart[i] as number) + inset;
  out.end = (members.valueEnd[i] as number) - inset;
  if (members.escaped[i] === 1) {
    out.bytes = members.unescaped(out.start, out.end);
    out.start = 0;
    out.end = members.unescapedEnd;
  }
}

function canonicalText(type: EdmType, number: boolean, out: CanonicalValue): boolean {
  switch (type) {
    case EDM.string: return true;
    case EDM.int32: return canonicalInteger(out, 32);
    case EDM.int64: return canonicalInteger(out, 64);
    case EDM.double: return canonicalDouble(out, number);
    case EDM.dateTime: return canonicalDateTime(out);
    case EDM.guid: return canonicalGuid(out);
    default: return canonicalBase64(out);
  }
}
