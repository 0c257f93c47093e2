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

// Imports are getters once transpiled; what runs once per property is kept as a constant of the module.
const { none: NONE, boolean: BOOLEAN, int32: INT32, int64: INT64, double: DOUBLE, dateTime: DATE_TIME, guid: GUID,
  string: STRING } = EDM;
const { null: IS_NULL, true: IS_TRUE, false: IS_FALSE, number: IS_NUMBER, string: IS_STRING } = KIND;
const integer = canonicalInteger;
const double = canonicalDouble;
const dateTime = canonicalDateTime;
const guid = canonicalGuid;
const base64 = canonicalBase64;

export function emptyCanonical(): CanonicalValue {
  return { type: NONE, bytes: Buffer.alloc(0), start: 0, end: 0 };
}

const TRUE = Uint8Array.of(1);
const FALSE = Uint8Array.of(0);

/**
 * The type of a property: as annotated, else as JSON and OData say. A bare number is Int32, or Double with a point or
 * an exponent.
 */
export function typeOf(members: Members, i: number): EdmType {
  switch (members.kind[i]) {
    case IS_NULL: return NONE;
    case IS_TRUE:
    case IS_FALSE: return annotated(members, i, BOOLEAN);
    case IS_NUMBER: return annotated(members, i, members.fraction[i] === 1 ? DOUBLE : INT32);
    default: return annotated(members, i, STRING);
  }
}

function annotated(members: Members, i: number, bare: EdmType): EdmType {
  const type = members.type[i] as EdmType;
  return type === NONE ? bare : type;
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
    case BOOLEAN: return kind === IS_TRUE || kind === IS_FALSE;
    case INT32:
    case INT64:
    case DOUBLE: return kind === IS_NUMBER || kind === IS_STRING;
    default: return kind === IS_STRING;
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
  if (type === NONE) {
    out.start = out.end = 0;
    return;
  }
  if (!kindFits(kind, type)) throw doesNotFit(members, i, type);
  if (type === BOOLEAN) {
    out.bytes = kind === IS_TRUE ? TRUE : FALSE;
    out.start = 0;
    out.end = 1;
    return;
  }
  locate(members, i, kind, out);
  if (!canonicalText(type, kind === IS_NUMBER, out)) throw doesNotFit(members, i, type);
}

/** Points `out` at the text: without quotes, unescaped. */
function locate(members: Members, i: number, kind: number, out: CanonicalValue): void {
  const inset = kind === IS_STRING ? 1 : 0;
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
    case STRING: return true;
    case INT32: return integer(out, 32);
    case INT64: return integer(out, 64);
    case DOUBLE: return double(out, number);
    case DATE_TIME: return dateTime(out);
    case GUID: return guid(out);
    default: return base64(out);
  }
}
