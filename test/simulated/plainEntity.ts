import { isUtf8 } from "node:buffer";
import type { SentEntity } from "./entity";
import { readEntity } from "./entity";
import {
  isPlainBinary, isPlainDateTime, isPlainDouble, isPlainGuid, isPlainInteger,
} from "./plainValues";
import type { Bytes, Members } from "./row";
import type { EdmValue } from "./values";

/** Far within the service's 252 properties, 1 MiB, 255 characters and 64 KiB: nothing here needs to be counted. */
const MEMBERS_MAX = 64;
const BODY_BYTES_MAX = 256 * 1024;
const NAME_BYTES_MAX = 255;
const VALUE_BYTES_MAX = 32 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const CLOSE = 0x7d;
const TRUE = Buffer.from("true");
const FALSE = Buffer.from("false");
const POINT = 0x2e;
const ODATA = Buffer.from("odata");
const ANNOTATION = Buffer.from('@odata.type"');
/** What may follow a backslash where the service writes the same: the others it spells in another way. */
const ESCAPES = new Uint8Array(256).map((_, byte) => ('"\\bfnrt'.includes(String.fromCharCode(byte)) ? 1 : 0));

const [STRING, NUMBER, BOOLEAN] = [1, 2, 3];

/** Names of properties: letters, digits and underscores, and the point of `odata.etag`; 2: may not begin one. */
const NAME_BYTES = new Uint8Array(256).map((_, byte) => {
  const character = String.fromCharCode(byte);
  return /[A-Za-z_]/.test(character) ? 1 : /[0-9.]/.test(character) ? 2 : 0;
});
/** Bytes of a string that need no second look: all but quote, backslash, controls and what is not ASCII. */
const TEXT_BYTES = new Uint8Array(256).map((_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0);

const TYPES = [
  "", "Edm.String", "Edm.Int32", "Edm.Boolean", "Edm.Double", "Edm.Int64", "Edm.DateTime", "Edm.Guid", "Edm.Binary",
].map((name) => Buffer.from(name));
const [NO_TYPE, T_STRING, T_INT32, T_BOOLEAN, T_DOUBLE, T_INT64, T_DATE_TIME, T_GUID, T_BINARY] =
  [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;
/** From here on an annotation is kept: JSON alone does not tell these. */
const KEPT_FROM = T_INT64;

/** The members of one entity, one slot each; overwritten by the next. */
const nameStart = new Int32Array(MEMBERS_MAX);
const nameEnd = new Int32Array(MEMBERS_MAX);
/** Of the name; the lowest bit tells annotations from values. */
const nameHash = new Int32Array(MEMBERS_MAX);
const valueStart = new Int32Array(MEMBERS_MAX);
const valueEnd = new Int32Array(MEMBERS_MAX);
const kind = new Uint8Array(MEMBERS_MAX);
/** Slot of a value's annotation, or -1. */
const annotation = new Int32Array(MEMBERS_MAX);
let bytes: Buffer = Buffer.alloc(0);
let count = 0;
let notAscii = false;

const isAnnotation = (slot: number) => ((nameHash[slot] as number) & 1) === 1;

function matches(wanted: Buffer, at: number): boolean {
  for (let n = 0; n < wanted.length; n += 1) if (bytes[at + n] !== wanted[n]) return false;
  return true;
}

/** Scans a string from after its quote; returns the place of the closing one, or -1. */
function stringEnd(start: number, end: number): number {
  const source = bytes;
  let at = start;
  while (at < end) {
    const byte = source[at] as number;
    if (TEXT_BYTES[byte] === 1) at += 1;
    else if (byte === QUOTE) return at;
    else if (byte === BACKSLASH) {
      if (ESCAPES[source[at + 1] as number] !== 1) return -1;
      at += 2;
    } else if (byte < 0x80) return -1;
    else {
      notAscii = true;
      at += 1;
    }
  }
  return -1;
}

/** Scans a member's name from after its quote; returns the place of the value, or -1. */
function scanName(start: number, slot: number): number {
  const source = bytes;
  let at = start;
  let byte = source[at] as number;
  if (NAME_BYTES[byte] !== 1) return -1;
  let hash = 0;
  // Beyond the end a byte is undefined, and no name's.
  for (; (NAME_BYTES[byte] as number) > 0; byte = source[++at] as number) {
    hash = (Math.imul(hash, 31) + byte) | 0;
    if (byte === POINT && !(at - start === ODATA.length && matches(ODATA, start))) return -1;
  }
  if (at - start > NAME_BYTES_MAX) return -1;
  nameStart[slot] = start;
  nameEnd[slot] = at;
  const annotates = byte !== QUOTE;
  nameHash[slot] = (hash << 1) | (annotates ? 1 : 0);
  if (annotates) {
    if (!matches(ANNOTATION, at)) return -1;
    at += ANNOTATION.length - 1;
  }
  return source[at + 1] === 0x3a ? at + 2 : -1;
}

/** Scans a value; returns the place after it, or -1. */
function scanValue(start: number, end: number, slot: number): number {
  const source = bytes;
  const first = source[start];
  let at = start;
  if (first === QUOTE) {
    kind[slot] = STRING;
    at = stringEnd(start + 1, end) + 1;
    if (at === 0 || at - start > VALUE_BYTES_MAX) return -1;
  } else if (first === 0x74 || first === 0x66) {
    kind[slot] = BOOLEAN;
    at = start + (first === 0x74 ? 4 : 5);
    if (!matches(first === 0x74 ? TRUE : FALSE, start)) return -1;
  } else {
    kind[slot] = NUMBER;
    // What stands between here and the member's end is looked at once the annotation is known.
    while (at < end && source[at] !== COMMA && source[at] !== CLOSE) at += 1;
  }
  valueStart[slot] = start;
  valueEnd[slot] = at;
  return at;
}

/** Fills the slots; false where something is not plain. */
function scan(start: number, end: number): boolean {
  count = 0;
  notAscii = false;
  if (bytes[start] !== 0x7b || bytes[end - 1] !== CLOSE) return false;
  let at = start + 1;
  if (at === end - 1) return true;
  for (; count < MEMBERS_MAX; at += 1) {
    if (bytes[at] !== QUOTE) return false;
    at = scanName(at + 1, count);
    if (at < 0) return false;
    at = scanValue(at, end, count);
    if (at < 0) return false;
    annotation[count] = -1;
    count += 1;
    if (bytes[at] !== COMMA) return at === end - 1;
  }
  return false;
}

function sameName(a: number, b: number): boolean {
  // The hash without the bit that tells annotations from values.
  if ((((nameHash[a] as number) ^ (nameHash[b] as number)) & ~1) !== 0) return false;
  const [start, other] = [nameStart[a] as number, nameStart[b] as number];
  const length = (nameEnd[a] as number) - start;
  if ((nameEnd[b] as number) - other !== length) return false;
  for (let n = 0; n < length; n += 1) if (bytes[start + n] !== bytes[other + n]) return false;
  return true;
}

function isNamed(slot: number, name: Buffer): boolean {
  return (nameEnd[slot] as number) - (nameStart[slot] as number) === name.length &&
    matches(name, nameStart[slot] as number);
}

/** True for `odata.etag` and its like: no other name has a point. */
function isOData(slot: number): boolean {
  const point = (nameStart[slot] as number) + ODATA.length;
  return point < (nameEnd[slot] as number) && bytes[point] === POINT;
}

/** Gives every annotation to the value beside it; false where one has none, or a name stands twice. */
function pair(): boolean {
  for (let slot = 0; slot < count; slot += 1) {
    const hash = nameHash[slot];
    for (let other = 0; other < slot; other += 1) {
      if (nameHash[other] === hash && sameName(slot, other)) return false;
    }
    if (!isAnnotation(slot)) continue;
    const after = slot + 1 < count && !isAnnotation(slot + 1) && sameName(slot, slot + 1);
    const before = !after && slot > 0 && !isAnnotation(slot - 1) && sameName(slot, slot - 1);
    if (!after && !before) return false;
    annotation[after ? slot + 1 : slot - 1] = slot;
  }
  return true;
}

/** Types by the length of their name and its fifth letter. */
function guessType(length: number, letter: number | undefined): number {
  if (length === 8) return T_GUID;
  if (length === 9) return -1;
  if (length === 10) return letter === 0x44 ? T_DOUBLE : letter === 0x42 ? T_BINARY : T_STRING;
  return length === 11 ? T_BOOLEAN : T_DATE_TIME;
}

/** The type that an annotation names; undefined where it names none that is known. */
function typeOf(slot: number): number | undefined {
  if (slot < 0) return NO_TYPE;
  const start = (valueStart[slot] as number) + 1;
  const length = (valueEnd[slot] as number) - 1 - start;
  const guess = guessType(length, bytes[start + 4]);
  const type = guess >= 0 ? guess : bytes[start + 7] === 0x36 ? T_INT64 : T_INT32;
  const name = TYPES[type] as Buffer;
  return kind[slot] === STRING && name.length === length && matches(name, start) ? type : undefined;
}

/** True where the service would spell this value as it was sent. */
function isPlain(slot: number, type: number): boolean {
  const start = valueStart[slot] as number;
  const end = valueEnd[slot] as number;
  if (kind[slot] === BOOLEAN) return type === NO_TYPE || type === T_BOOLEAN;
  if (kind[slot] === NUMBER) {
    if ((type === NO_TYPE || type === T_INT32) && isPlainInteger(bytes, start, end, 9)) return true;
    return (type === NO_TYPE || type === T_DOUBLE) && isPlainDouble(bytes, start, end);
  }
  if (type === NO_TYPE || type === T_STRING) return true;
  if (type === T_INT64) return isPlainInteger(bytes, start + 1, end - 1, 18);
  if (type === T_DATE_TIME) return isPlainDateTime(bytes, start + 1, end - 1);
  if (type === T_GUID) return isPlainGuid(bytes, start + 1, end - 1);
  return type === T_BINARY && isPlainBinary(bytes, start + 1, end - 1, VALUE_BYTES_MAX);
}

const PARTITION_KEY = Buffer.from("PartitionKey");
const ROW_KEY = Buffer.from("RowKey");
const TIMESTAMP = Buffer.from("Timestamp");

function keyText(slot: number): string {
  const [start, end] = [valueStart[slot] as number, valueEnd[slot] as number];
  for (let at = start; at < end; at += 1) {
    if (bytes[at] === BACKSLASH) return String(JSON.parse(bytes.toString("utf8", start, end)));
  }
  return bytes.toString(notAscii ? "utf8" : "latin1", start + 1, end - 1);
}

function keep(slot: number, runs: number[]): void {
  const start = (nameStart[slot] as number) - 1;
  const last = runs.length - 1;
  // A comma between two that are kept is kept with them.
  if (last > 0 && runs[last] === start - 1) runs[last] = valueEnd[slot] as number;
  else runs.push(start, valueEnd[slot] as number);
}

/** An entity whose properties can be stored as they came. */
export class PlainEntity implements SentEntity {
  constructor(
    readonly partitionKey: string | undefined,
    readonly rowKey: string | undefined,
    /** The properties as the service spells them. */
    readonly members: Members,
  ) {}

  get properties(): ReadonlyMap<string, EdmValue> {
    const { buffer, runs } = this.members;
    const texts: string[] = [];
    for (let n = 0; n < runs.length; n += 2) texts.push(buffer.toString("utf8", runs[n], runs[n + 1]));
    return readEntity(`{${texts.join(",")}}`).properties;
  }
}

/**
 * Reads an entity byte by byte, if nothing in it is out of the ordinary: no blanks, `\u` escapes, exotic numbers,
 * names beyond ASCII or sizes near a limit, and every value spelt as the service itself would. Undefined otherwise:
 * the long way decides then, and only there is anything refused.
 */
export function readPlainEntity({ buffer, start, end }: Bytes): PlainEntity | undefined {
  bytes = buffer;
  const runs: number[] = [];
  if (end - start > BODY_BYTES_MAX || !scan(start, end) || !pair()) return undefined;
  if (notAscii && !isUtf8(buffer.subarray(start, end))) return undefined;
  let partitionKey: string | undefined;
  let rowKey: string | undefined;
  for (let slot = 0; slot < count; slot += 1) {
    if (isAnnotation(slot)) continue;
    const type = typeOf(annotation[slot] as number);
    if (type === undefined || !isPlain(slot, type)) return undefined;
    // What the server sets itself is let pass, and dropped.
    if (isNamed(slot, TIMESTAMP) || isOData(slot)) continue;
    const isPartition = isNamed(slot, PARTITION_KEY);
    if (isPartition || isNamed(slot, ROW_KEY)) {
      if (kind[slot] !== STRING || type !== NO_TYPE) return undefined;
      if (isPartition) partitionKey = keyText(slot);
      else rowKey = keyText(slot);
    } else {
      if (type >= KEPT_FROM) keep(annotation[slot] as number, runs);
      keep(slot, runs);
    }
  }
  return new PlainEntity(partitionKey, rowKey, { buffer, runs });
}
