/** What a member is for. Names are case-sensitive: `partitionKey` or `timestamp` are ordinary properties. */
export const ROLE = {
  property: 0, annotation: 1, partitionKey: 2, rowKey: 3, keyAnnotation: 4, timestamp: 5, etag: 6, dropped: 7,
} as const;

export type Role = (typeof ROLE)[keyof typeof ROLE];

/** What the name of an annotation adds to the name of its property. */
export const ANNOTATION_SUFFIX = Buffer.from("@odata.type");

const CONTROL = Buffer.from("odata.");
const ETAG = Buffer.from("odata.etag");
const PARTITION_KEY = Buffer.from("PartitionKey");
const ROW_KEY = Buffer.from("RowKey");
const TIMESTAMP = Buffer.from("Timestamp");
const AT = 0x40;

function startsWith(bytes: Uint8Array, start: number, end: number, wanted: Uint8Array): boolean {
  if (end - start < wanted.length) return false;
  for (let i = 0; i < wanted.length; i++) if (bytes[start + i] !== wanted[i]) return false;
  return true;
}

function is(bytes: Uint8Array, start: number, end: number, wanted: Uint8Array): boolean {
  return end - start === wanted.length && startsWith(bytes, start, end, wanted);
}

function plainRole(bytes: Uint8Array, start: number, end: number): Role {
  if (is(bytes, start, end, PARTITION_KEY)) return ROLE.partitionKey;
  if (is(bytes, start, end, ROW_KEY)) return ROLE.rowKey;
  return is(bytes, start, end, TIMESTAMP) ? ROLE.timestamp : ROLE.property;
}

/** The role of the member with this (unescaped) name; undefined for an annotation that no table service sends. */
export function roleOf(bytes: Uint8Array, start: number, end: number): Role | undefined {
  if (startsWith(bytes, start, end, CONTROL)) return is(bytes, start, end, ETAG) ? ROLE.etag : ROLE.dropped;
  for (let i = start; i < end; i++) {
    if (bytes[i] !== AT) continue;
    if (!is(bytes, i, end, ANNOTATION_SUFFIX)) return undefined;
    const annotated = plainRole(bytes, start, i);
    if (annotated === ROLE.timestamp) return ROLE.dropped;
    return annotated === ROLE.property ? ROLE.annotation : ROLE.keyAnnotation;
  }
  return plainRole(bytes, start, end);
}
