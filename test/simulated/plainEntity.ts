import { isUtf8 } from "node:buffer";
import type { SentEntity } from "./entity";
import { readEntity } from "./entity";
import type { ShapeValue } from "./plainShape";
import { ROLE, Shape } from "./plainShape";
import { matchesAt, textEnd, tookBeyondAscii } from "./plainText";
import { TYPE } from "./plainValues";
import type { Bytes, Members } from "./row";
import type { EdmValue } from "./values";

/** Far within the service's 252 properties, 1 MiB, 255 characters and 64 KiB: nothing here needs to be counted. */
const MEMBERS_MAX = 64;
const BODY_BYTES_MAX = 256 * 1024;
const NAME_BYTES_MAX = 255;
const VALUE_BYTES_MAX = 32 * 1024;

const QUOTE = 0x22;
const COMMA = 0x2c;
const CLOSE = 0x7d;
const POINT = 0x2e;
const ODATA = Buffer.from("odata");
const ANNOTATION = Buffer.from('@odata.type"');

/** Names of properties: letters, digits and underscores, and the point of `odata.etag`; 2: may not begin one. */
const NAME_BYTES = new Uint8Array(256).map((_, byte) => {
  const character = String.fromCharCode(byte);
  return /[A-Za-z_]/.test(character) ? 1 : /[0-9.]/.test(character) ? 2 : 0;
});
/** By `TYPE`. */
const TYPE_NAMES = [
  "", "Edm.String", "Edm.Int32", "Edm.Boolean", "Edm.Double", "Edm.Int64", "Edm.DateTime", "Edm.Guid", "Edm.Binary",
].map((name) => Buffer.from(name));

/** The members of one entity, one slot each; overwritten by the next. */
const nameStart = new Int32Array(MEMBERS_MAX);
const nameEnd = new Int32Array(MEMBERS_MAX);
/** Of the name; the lowest bit tells annotations from values. */
const nameHash = new Int32Array(MEMBERS_MAX);
const valueStart = new Int32Array(MEMBERS_MAX);
const valueEnd = new Int32Array(MEMBERS_MAX);
/** Slot of a value's annotation, or -1. */
const annotation = new Int32Array(MEMBERS_MAX);
let bytes: Buffer = Buffer.alloc(0);
let count = 0;

const isAnnotation = (slot: number) => ((nameHash[slot] as number) & 1) === 1;

const matches = (wanted: Buffer, at: number) => matchesAt(bytes, wanted, at);

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
  let at = start;
  if (bytes[start] === QUOTE) {
    at = textEnd(bytes, start + 1, end) + 1;
    if (at === 0 || at - start > VALUE_BYTES_MAX) return -1;
  } else {
    // What stands between here and the member's end is looked at once the annotation is known.
    while (at < end && bytes[at] !== COMMA && bytes[at] !== CLOSE) at += 1;
  }
  valueStart[slot] = start;
  valueEnd[slot] = at;
  return at;
}

/** Fills the slots; false where something is not plain. */
function scan(start: number, end: number): boolean {
  count = 0;
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

/** The type that an annotation names; undefined where it names none that is known. */
function typeOf(slot: number): number | undefined {
  if (slot < 0) return TYPE.NONE;
  const start = (valueStart[slot] as number) + 1;
  const length = (valueEnd[slot] as number) - 1 - start;
  const type = TYPE_NAMES.findIndex((name) => name.length === length && matches(name, start));
  return bytes[start - 1] === QUOTE && type > 0 ? type : undefined;
}

const PARTITION_KEY = Buffer.from("PartitionKey");
const ROW_KEY = Buffer.from("RowKey");
const TIMESTAMP = Buffer.from("Timestamp");

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

function roleOf(slot: number): number {
  if (isNamed(slot, PARTITION_KEY)) return ROLE.PARTITION_KEY;
  if (isNamed(slot, ROW_KEY)) return ROLE.ROW_KEY;
  // What the server sets itself is let pass, and dropped.
  return isNamed(slot, TIMESTAMP) || isOData(slot) ? ROLE.DROPPED : ROLE.KEPT;
}

/** The shape of the entity in the slots; undefined where it is no plain one. */
function shapeOf(start: number, end: number): Shape | undefined {
  const values: ShapeValue[] = [];
  let from = start;
  for (let slot = 0; slot < count; slot += 1) {
    if (isAnnotation(slot)) continue;
    const of = annotation[slot] as number;
    const type = typeOf(of);
    const role = roleOf(slot);
    const isKey = role === ROLE.PARTITION_KEY || role === ROLE.ROW_KEY;
    const isText = bytes[valueStart[slot] as number] === QUOTE;
    if (type === undefined || (isKey && (type !== TYPE.NONE || !isText))) return undefined;
    const isKept = type >= TYPE.INT64;
    const first = isKept && of < slot ? of : slot;
    const labelBytes = isKept && of > slot ? (valueEnd[of] as number) - (nameStart[of] as number) + 1 : 0;
    const before = Buffer.from(bytes.subarray(from, valueStart[slot]));
    // A key is a string in every entity of this shape, whatever this one has.
    const wanted = isKey ? TYPE.STRING : type;
    values.push({ before, type: wanted, role, keptFrom: (nameStart[first] as number) - 1 - from, labelBytes });
    from = valueEnd[slot] as number;
  }
  return new Shape(values, Buffer.from(bytes.subarray(from, end)), VALUE_BYTES_MAX);
}

/** The last shape that was met. */
let lastShape: Shape | undefined;

const isBlank = (byte: number | undefined) => byte === 0x0d || byte === 0x0a || byte === 0x20 || byte === 0x09;

/**
 * Reads an entity byte by byte, if nothing in it is out of the ordinary: no blanks within, `\u` escapes, odd numbers,
 * names beyond ASCII or sizes near a limit, and every value spelt as the service itself would. Undefined otherwise:
 * the long way decides then, and only there is anything refused.
 */
export function readPlainEntity({ buffer, start: first, end: last }: Bytes): PlainEntity | undefined {
  // The official SDK writes an empty line before each entity of a batch.
  let [start, end] = [first, last];
  while (isBlank(buffer[start])) start += 1;
  while (end > start && isBlank(buffer[end - 1])) end -= 1;
  if (end - start > BODY_BYTES_MAX) return undefined;
  let shaped = lastShape?.read(buffer, start, end);
  if (shaped === undefined) {
    bytes = buffer;
    if (!scan(start, end) || !pair()) return undefined;
    const shape = shapeOf(start, end);
    shaped = shape?.read(buffer, start, end);
    if (shaped === undefined) return undefined;
    lastShape = shape;
  }
  if (tookBeyondAscii() && !isUtf8(buffer.subarray(start, end))) return undefined;
  return new PlainEntity(shaped.partitionKey, shaped.rowKey, { buffer, runs: shaped.runs });
}
