/** Properties and their types: what of them goes into a digest. */
import { h1, h2, h3, h4, hash, startFrom } from "./hash";
import { SUFFIX_BYTES, Name } from "./names";
import { fraction, numberEnd } from "./number";
import { escaped, same, stringEnd, unescape } from "./text";
import {
  BOOLEAN, canonical, canonicalEnd, canonicalStart, DOUBLE, INT32, NONE, STRING, typeNamed,
} from "./values";

/** The sum of the properties' hashes: 128 bits. */
export let sumLow: u64 = 0;
export let sumHigh: u64 = 0;

export function emptySum(): void {
  sumLow = sumHigh = 0;
}

function addProperty(name: Name, type: u32, start: usize, end: usize): void {
  startFrom(name.h1 ^ type, name.h2, name.h3, name.h4);
  hash(start, end);
  const low = (<u64>h2 << 32) | h1;
  sumLow += low;
  sumHigh += ((<u64>h4 << 32) | h3) + <u64>(sumLow < low);
}

const FLAGS: usize = memory.data<u8>([0, 1]);

/**
 * The value of a property: adds it to the sum and returns where it ends; 0 for one that is left to the other way.
 * `annotated` is its type, or NONE. `scratch` has room for the value, unescaped.
 */
export function property(name: Name, annotated: u32, at: usize, scratch: usize): usize {
  const first = load<u8>(at);
  if (first === 0x22) {
    const start = at + 1;
    const end = stringEnd(start);
    const type = annotated === NONE ? STRING : annotated;
    if (end === 0 || type === BOOLEAN || type === INT32) return 0;
    if (escaped) {
      if (!canonical(type, scratch, unescape(start, end, scratch), false)) return 0;
    } else if (!canonical(type, start, end, false)) return 0;
    addProperty(name, type, canonicalStart, canonicalEnd);
    return end + 1;
  }
  if (first === 0x74 || first === 0x66) {
    // "true" and "alse", little-endian.
    const isTrue = first === 0x74;
    if (load<u32>(isTrue ? at : at + 1) !== <u32>(isTrue ? 0x65757274 : 0x65736c61)) return 0;
    if (annotated !== NONE && annotated !== BOOLEAN) return 0;
    const flag = FLAGS + <usize>isTrue;
    addProperty(name, BOOLEAN, flag, flag + 1);
    return isTrue ? at + 4 : at + 5;
  }
  // "null": in a table, that is "not there".
  if (first === 0x6e) return load<u32>(at) === 0x6c6c756e ? at + 4 : 0;
  const end = numberEnd(at);
  const type = annotated !== NONE ? annotated : fraction ? DOUBLE : INT32;
  if (end === 0 || type < INT32 || type > DOUBLE || !canonical(type, at, end, true)) return 0;
  addProperty(name, type, canonicalStart, canonicalEnd);
  return end;
}

/** Where the value ends that `annotatedType` has read. */
export let annotationEnd: usize = 0;

/** The type that an annotation's value names; NONE for what is left to the other way. */
export function annotatedType(annotation: Name, at: usize): u32 {
  if (load<u8>(at) !== 0x22) return NONE;
  const start = at + 1;
  const length = annotation.typeLength;
  if (length !== 0 && load<u8>(start + length) === 0x22 && same(start, annotation.typeStart, length)) {
    annotationEnd = start + length + 1;
    return annotation.type;
  }
  const end = stringEnd(start);
  if (end === 0 || escaped) return NONE;
  annotationEnd = end + 1;
  annotation.type = typeNamed(start, end);
  annotation.typeStart = start;
  annotation.typeLength = annotation.type === NONE ? 0 : end - start;
  return annotation.type;
}

/** Whether the annotation is the property's. */
export function belongs(annotation: Name, property: Name): bool {
  const found = changetype<usize>(property);
  if (annotation.property === found) return true;
  if (annotation.length !== property.length + SUFFIX_BYTES) return false;
  if (!same(annotation.start, property.start, property.length)) return false;
  annotation.property = found;
  return true;
}
