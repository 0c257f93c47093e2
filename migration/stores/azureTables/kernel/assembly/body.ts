/** Bodies: entities as a destination is given them, the twin of ../../bodies.ts. */

let out: usize = 0;
let start: usize = 0;
let limit: usize = 0;

/** Where the next body is put, and where there is no more room. */
export function placeBodies(at: usize, end: usize): void {
  start = at;
  limit = end;
}

/** Begins a body in place of what was not finished. False: no room. */
export function beginBody(): bool {
  out = start;
  if (out + 2 > limit) return false;
  store<u8>(out++, 0x7b);
  return true;
}

/** Copies members to the body, with the comma before them. False: no room. */
export function keep(from: usize, to: usize): bool {
  const length = to - from;
  if (out + length + 2 > limit) return false;
  if (out - start > 1) store<u8>(out++, 0x2c);
  memory.copy(out, from, length);
  out += length;
  return true;
}

/** `@odata.type":"Edm.Double"` */
const DOUBLE_ANNOTATION: usize = memory.data<u8>([
  0x40, 0x6f, 0x64, 0x61, 0x74, 0x61, 0x2e, 0x74, 0x79, 0x70, 0x65, 0x22, 0x3a, 0x22, 0x45, 0x64, 0x6d, 0x2e, 0x44,
  0x6f, 0x75, 0x62, 0x6c, 0x65, 0x22,
]);
const DOUBLE_ANNOTATION_BYTES: usize = 25;

/** Says of a bare number that it is a Double. `name` is where its name's opening quote is. False: no room. */
export function annotateDouble(name: usize, nameBytes: usize): bool {
  if (!keep(name, name + nameBytes + 1) || out + DOUBLE_ANNOTATION_BYTES + 1 > limit) return false;
  memory.copy(out, DOUBLE_ANNOTATION, DOUBLE_ANNOTATION_BYTES);
  out += DOUBLE_ANNOTATION_BYTES;
  return true;
}

/** Ends the body, for good; its bounds go into the record. */
export function endBody(record: usize): void {
  store<u8>(out++, 0x7d);
  store<u32>(record, start);
  store<u32>(record, out, 4);
  start = out;
}
