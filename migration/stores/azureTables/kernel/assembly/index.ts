/**
 * The kernel of scanning: reads the entities of a page as ../../wire/members.ts, ../../digest.ts and ../../bodies.ts
 * do, for entities as services plainly spell them. Wherever it meets anything else (white space, escaped names, a value
 * that does not fit its type, an end too early) it stops before that entity, and the JavaScript that it is the twin of
 * looks at it. So it refuses nothing, and what it takes is taken alike.
 */
import { annotateDouble, beginBody, endBody, keep, placeBodies } from "./body";
import { h1, h2, h3, h4, hash, startFrom } from "./hash";
import {
  ANNOTATION, DROPPED, forgetNames, Name, nameAt, PARTITION_KEY, PROPERTY, ROW_KEY, TIMESTAMP,
} from "./names";
import { fraction } from "./number";
import { annotatedType, annotationEnd, belongs, emptySum, property, sumHigh, sumLow } from "./properties";
import { escaped, same, stringEnd, unescape } from "./text";
import { NONE } from "./values";

/** Where the host may lay out memory. */
export const FREE: usize = __heap_base;

/** Whose digests these are: ../../digest.ts has the number of its own. */
export const DIGEST_VERSION: i32 = 2;

/** Bytes of one entity's record; ../wasm.ts reads them. */
const RECORD_BYTES: usize = 64;

/** Most members of one entity, as in ../../wire/memberTable.ts. */
const MEMBERS_MAX: i32 = 2048;

/** Flags of a record. */
const PARTITION_KEY_ESCAPED: u32 = 1;
const ROW_KEY_ESCAPED: u32 = 2;
const SAME_PARTITION: u32 = 4;
const ROW_KEY_ASCII: u32 = 8;

let page: usize = 0;
let records: usize = 0;
let recordsMax: i32 = 0;
let texts: usize = 0;
let textsEnd: usize = 0;
let scratch: usize = 0;
/** The partition key of the entity before: its text, as spelt, and the hash of a row that far. */
let lastKey: usize = 0;
let lastKeyBytes: usize = 0;
let keyed1: u32 = 0;
let keyed2: u32 = 0;
let keyed3: u32 = 0;
let keyed4: u32 = 0;

/**
 * Begins a page that lies at `pageStart`, valid UTF-8 with 64 zeros behind it. The other regions follow one another;
 * `scratchStart` has room for the page.
 */
export function begin(
  pageStart: usize, recordsStart: usize, recordsRoom: i32, scratchStart: usize,
): void {
  page = pageStart;
  records = recordsStart;
  recordsMax = recordsRoom;
  scratch = scratchStart;
  lastKey = 0;
  forgetNames();
}

/** Where the next bodies and the next texts (time and ETag of each entity, unescaped) are put. */
export function place(bodiesStart: usize, bodiesLimit: usize, textsStart: usize, textsLimit: usize): void {
  placeBodies(bodiesStart, bodiesLimit);
  texts = textsStart;
  textsEnd = textsLimit;
}

/** Reads the entities from `at` on (a place in the page) that follow one another plainly. Returns how many. */
export function read(at: usize): i32 {
  let next = page + at;
  let record = records;
  for (let count = 0; count < recordsMax; count++) {
    const end = entity(next, record);
    if (end === 0) return count;
    store<u32>(record, end - page, 44);
    record += RECORD_BYTES;
    if (load<u16>(end) !== NEXT_ENTITY) return count + 1;
    next = end + 1;
  }
  return recordsMax;
}

/** A plain string; its bounds go into the record. 0 for anything else, and where there was one already. */
function systemText(at: usize, record: usize): usize {
  if (load<u8>(at) !== 0x22 || load<u32>(record) !== 0) return 0;
  const end = stringEnd(at + 1);
  if (end === 0) return 0;
  store<u32>(record, at + 1);
  store<u32>(record, end, 4);
  return end + 1;
}

/** `,"` and `,{`, little-endian. */
const NEXT_MEMBER: u32 = 0x222c;
const NEXT_ENTITY: u32 = 0x7b2c;

/** Reads one entity that begins at `at` into a record; returns where it ends, or 0. */
function entity(at: usize, record: usize): usize {
  if (load<u16>(at) !== 0x227b || !beginBody()) return 0;
  memory.fill(record, 0, RECORD_BYTES);
  emptySum();
  let member: usize = 0;
  // The annotation that waits for its property, and the type it names.
  let pending: usize = 0;
  let type: u32 = NONE;
  // Members that are kept, from the first after one that is not.
  let run: usize = 0;
  let next = at + 1;
  for (let members = 0; members < MEMBERS_MAX; members++) {
    const start = next;
    member = nameAt(start + 1, member);
    if (member === 0) return 0;
    const name = changetype<Name>(member);
    const value = start + name.length + 3;
    let end: usize;
    if (name.role === PROPERTY) {
      if (pending !== 0 && !belongs(changetype<Name>(pending), name)) return 0;
      end = property(name, type, value, scratch);
      if (pending === 0 && isNumber(value) && fraction) {
        // A number that only its spelling marks as a Double says so explicitly.
        if ((run !== 0 && !keep(run, start - 1)) || !annotateDouble(start, name.length)) return 0;
        run = 0;
      }
      pending = 0;
      type = NONE;
    } else {
      if (pending !== 0) return 0;
      if (name.role === ANNOTATION) {
        type = annotatedType(name, value);
        if (type === NONE) return 0;
        pending = member;
        end = annotationEnd;
      } else {
        if (name.role > ANNOTATION && run !== 0) {
          if (!keep(run, start - 1)) return 0;
          run = 0;
        }
        end = systemMember(name.role, value, record);
      }
    }
    if (end === 0) return 0;
    if (name.role <= ANNOTATION && run === 0) run = start;
    if (load<u16>(end) === NEXT_MEMBER) next = end + 1;
    else {
      if (load<u8>(end) !== 0x7d || pending !== 0 || (run !== 0 && !keep(run, end))) return 0;
      return finish(record) ? end + 1 : 0;
    }
  }
  return 0;
}

/** A key, or what the server adds: a string. Returns where it ends, or 0. */
function systemMember(role: u32, value: usize, record: usize): usize {
  if (role === DROPPED) {
    const end = load<u8>(value) === 0x22 ? stringEnd(value + 1) : 0;
    return end === 0 ? 0 : end + 1;
  }
  const place = record + (role === PARTITION_KEY ? 8 : role === ROW_KEY ? 16 : role === TIMESTAMP ? 24 : 32);
  const end = systemText(value, place);
  if (escaped) {
    if (role === PARTITION_KEY) flag(record, PARTITION_KEY_ESCAPED);
    if (role === ROW_KEY) flag(record, ROW_KEY_ESCAPED);
  }
  return end;
}

@inline
function flag(record: usize, bit: u32): void {
  store<u32>(record, load<u32>(record, 40) | bit, 40);
}

@inline
function isNumber(at: usize): bool {
  const byte = load<u8>(at);
  return byte === 0x2d || <u32>byte - 0x30 <= 9;
}

/** Goes on with the row's hash over a key. */
function hashKey(start: usize, end: usize, isEscaped: bool): void {
  if (isEscaped) hash(scratch, unescape(start, end, scratch));
  else hash(start, end);
}

function isAscii(start: usize, end: usize): bool {
  let bits: u32 = 0;
  for (let at = start; at < end; at++) bits |= load<u8>(at);
  return bits < 0x80;
}

/** Completes the record of an entity whose members have all been read; takes what was written for good. */
function finish(record: usize): bool {
  const key = <usize>load<u32>(record, 8);
  const keyBytes = <usize>load<u32>(record, 12) - key;
  const rowKey = <usize>load<u32>(record, 16);
  const rowKeyEnd = <usize>load<u32>(record, 20);
  const time = <usize>load<u32>(record, 24);
  const timeEnd = <usize>load<u32>(record, 28);
  const etag = <usize>load<u32>(record, 32);
  const etagEnd = <usize>load<u32>(record, 36);
  const flags = load<u32>(record, 40);
  if (key === 0 || rowKey === 0 || time === 0 || etag === 0) return false;
  if (texts + (timeEnd - time) + (etagEnd - etag) + 32 > textsEnd) return false;
  if (lastKey !== 0 && keyBytes === lastKeyBytes && same(key, lastKey, keyBytes)) {
    flag(record, SAME_PARTITION);
    startFrom(keyed1, keyed2, keyed3, keyed4);
  } else {
    // Digits of pi, as in ../../digest.ts.
    startFrom(0xa4093822, 0x299f31d0, 0x082efa98, 0xec4e6c89);
    hashKey(key, key + keyBytes, (flags & PARTITION_KEY_ESCAPED) !== 0);
    lastKey = key;
    lastKeyBytes = keyBytes;
    keyed1 = h1;
    keyed2 = h2;
    keyed3 = h3;
    keyed4 = h4;
  }
  hashKey(rowKey, rowKeyEnd, (flags & ROW_KEY_ESCAPED) !== 0);
  if ((flags & ROW_KEY_ESCAPED) === 0 && isAscii(rowKey, rowKeyEnd)) flag(record, ROW_KEY_ASCII);
  store<u64>(scratch, sumLow);
  store<u64>(scratch, sumHigh, 8);
  hash(scratch, scratch + 16);
  endBody(record);
  // Texts are put behind one another: each ends where the next begins.
  store<u32>(record, texts, 24);
  texts = unescape(time, timeEnd, texts);
  store<u32>(record, texts, 28);
  texts = unescape(etag, etagEnd, texts);
  store<u32>(record, texts, 32);
  store<u32>(record, h1, 48);
  store<u32>(record, h2, 52);
  store<u32>(record, h3, 56);
  store<u32>(record, h4, 60);
  return true;
}
