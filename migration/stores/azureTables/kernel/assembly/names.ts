import { h1, h2, h3, h4, hash, startFrom } from "./hash";
import { same, stringEnd, escaped } from "./text";

/** What a member is for. Roles up to ANNOTATION are handed on to a destination. */
export const PROPERTY: u32 = 0;
export const PARTITION_KEY: u32 = 1;
export const ROW_KEY: u32 = 2;
export const ANNOTATION: u32 = 3;
export const TIMESTAMP: u32 = 4;
export const ETAG: u32 = 5;
/** What the server adds besides. */
export const DROPPED: u32 = 6;

/**
 * Names of the page's members that were seen, each with what follows from it. Entities of a table mostly name the same
 * members in the same order, so each name remembers which one came after it.
 */
@unmanaged
export class Name {
  start: usize;
  length: usize;
  role: u32;
  /** The hash of the name: four words, lowest first. */
  h1: u32;
  h2: u32;
  h3: u32;
  h4: u32;
  /** The name after this one, last time; 0 for none. */
  next: usize;
  /** For an annotation: the property it was found to belong to; 0 for none yet. */
  property: usize;
  /** For an annotation: the type it named last time, and its text; 0 for none. */
  type: u32;
  typeStart: usize;
  typeLength: usize;
}

/** Names kept; pages with more go the other way. An entity has 252 properties, all of which may be annotated. */
const NAMES_MAX: i32 = 1024;
const NAMES: usize = memory.data(49152, 16);

let count: i32 = 0;

/** Forgets the names of the page before. */
export function forgetNames(): void {
  count = 0;
}

/** `@odata.type` */
const SUFFIX: usize = memory.data<u8>([0x40, 0x6f, 0x64, 0x61, 0x74, 0x61, 0x2e, 0x74, 0x79, 0x70, 0x65]);
export const SUFFIX_BYTES: usize = 11;
const CONTROL: usize = memory.data<u8>([0x6f, 0x64, 0x61, 0x74, 0x61, 0x2e]);
const CONTROL_BYTES: usize = 6;
const ETAG_NAME: usize = memory.data<u8>([0x65, 0x74, 0x61, 0x67]);
const PARTITION_KEY_NAME: usize = memory.data<u8>([0x50, 0x61, 0x72, 0x74, 0x69, 0x74, 0x69, 0x6f, 0x6e, 0x4b, 0x65,
  0x79]);
const ROW_KEY_NAME: usize = memory.data<u8>([0x52, 0x6f, 0x77, 0x4b, 0x65, 0x79]);
const TIMESTAMP_NAME: usize = memory.data<u8>([0x54, 0x69, 0x6d, 0x65, 0x73, 0x74, 0x61, 0x6d, 0x70]);

function plainRole(start: usize, length: usize): u32 {
  if (length === 12 && same(start, PARTITION_KEY_NAME, 12)) return PARTITION_KEY;
  if (length === 6 && same(start, ROW_KEY_NAME, 6)) return ROW_KEY;
  if (length === 9 && same(start, TIMESTAMP_NAME, 9)) return TIMESTAMP;
  return PROPERTY;
}

/** The role of a member of this name; -1 for names that are left to the other way. */
function roleOf(start: usize, length: usize): i32 {
  if (length >= CONTROL_BYTES && same(start, CONTROL, CONTROL_BYTES)) {
    return length === 10 && same(start + CONTROL_BYTES, ETAG_NAME, 4) ? ETAG : DROPPED;
  }
  for (let i: usize = 0; i < length; i++) {
    if (load<u8>(start + i) !== 0x40) continue;
    if (length - i !== SUFFIX_BYTES || !same(start + i, SUFFIX, SUFFIX_BYTES)) return -1;
    const annotated = plainRole(start, i);
    if (annotated === TIMESTAMP) return DROPPED;
    return annotated === PROPERTY ? ANNOTATION : -1;
  }
  return plainRole(start, length);
}

@inline
function stands(name: Name, at: usize): bool {
  const length = name.length;
  return load<u16>(at + length) === 0x3a22 && same(at, name.start, length);
}

/**
 * The name that begins at `at`, behind its opening quote, with a quote and a colon after it. 0 for any other spelling.
 * `before` is the member before it, or 0.
 */
export function nameAt(at: usize, before: usize): usize {
  if (before !== 0) {
    const guess = changetype<Name>(before).next;
    if (guess !== 0 && stands(changetype<Name>(guess), at)) return guess;
  }
  const found = look(at);
  if (before !== 0) changetype<Name>(before).next = found;
  return found;
}

function look(at: usize): usize {
  const end = stringEnd(at);
  if (end === 0 || escaped || load<u8>(end, 1) !== 0x3a) return 0;
  const length = end - at;
  for (let i = 0; i < count; i++) {
    const known = NAMES + <usize>i * offsetof<Name>();
    const name = changetype<Name>(known);
    if (name.length === length && same(at, name.start, length)) return known;
  }
  const role = roleOf(at, length);
  if (role < 0 || count === NAMES_MAX) return 0;
  const fresh = NAMES + <usize>count * offsetof<Name>();
  const name = changetype<Name>(fresh);
  name.start = at;
  name.length = length;
  name.role = role;
  name.next = name.property = name.typeStart = name.typeLength = 0;
  name.type = 0;
  // Digits of pi, as in ../../wire/memberTable.ts.
  startFrom(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344);
  hash(at, end);
  name.h1 = h1;
  name.h2 = h2;
  name.h3 = h3;
  name.h4 = h4;
  count++;
  return fresh;
}
