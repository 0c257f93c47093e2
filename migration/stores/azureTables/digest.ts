import type { Digest } from "../../engine/row";
import { canonicalise, emptyCanonical } from "./canonical";
import { EDM } from "./wire/edm";
import { addLanes, hashInto } from "./wire/memberHash";
import { KIND } from "./wire/memberTable";
import type { Members } from "./wire/members";
import { ROLE } from "./wire/roles";

/** Goes into reports: digests compare only within one version. Any change to what is hashed raises it. */
export const DIGEST_VERSION = 2;

// Once per member of every row: an import is a call of a getter each time it is read, a constant is not.
const hash = hashInto;
const add = addLanes;
const canonical = canonicalise;
const NONE = EDM.none;
const NULL = KIND.null;
const PROPERTY = ROLE.property;

/** Where the words of a row start: digits of pi, after those that properties start from (wire/memberTable.ts). */
const ROW_START = Int32Array.of(0xa4093822, 0x299f31d0, 0x082efa98, 0xec4e6c89);

const lanes = new Int32Array(4);
const sum = new Uint32Array(4);
const sumBytes = new Uint8Array(sum.buffer);
const value = emptyCanonical();
/** A digest as its lower and its higher half. */
const halves = new BigUint64Array(2);
const halvesWords = new Int32Array(halves.buffer);

function addProperty(members: Members, i: number): void {
  canonical(members, i, value);
  if (value.type === NONE) return;
  members.nameLanes(i, lanes);
  lanes[0] = (lanes[0] as number) ^ value.type;
  hash(lanes, value.bytes, value.start, value.end);
  add(sum, lanes);
}

function hashText(members: Members, i: number): void {
  const start = (members.valueStart[i] as number) + 1;
  const end = (members.valueEnd[i] as number) - 1;
  if (members.escaped[i] === 1) hash(lanes, members.unescaped(start, end), 0, members.unescapedEnd);
  else hash(lanes, members.bytes, start, end);
}

/** The digest that these four words (lowest first) hold. */
export function digestOfLanes(words: Int32Array): Digest {
  halvesWords.set(words);
  return ((halves[1] as bigint) << 64n) | (halves[0] as bigint);
}

/**
 * The digest of an entity: each property's (name, type, canonical value) is hashed, the hashes are summed modulo 2^128
 * (so that order does not matter), and the sum is hashed after the keys.
 * Throws `ValueInvalid` where a value does not fit its type. Both keys must be there, as strings.
 */
export function digestOf(members: Members): Digest {
  sum.fill(0);
  const { count, role, kind } = members;
  for (let i = 0; i < count; i++) {
    if (role[i] === PROPERTY && kind[i] !== NULL) addProperty(members, i);
  }
  lanes.set(ROW_START);
  hashText(members, members.partitionKey);
  hashText(members, members.rowKey);
  hash(lanes, sumBytes, 0, 16);
  return digestOfLanes(lanes);
}
