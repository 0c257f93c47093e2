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

/** True where `wanted` stands at `start`; the caller has compared lengths. */
function stands(bytes: Uint8Array, start: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[start + i] !== wanted[i]) return false;
  return true;
}

function plainRole(bytes: Uint8Array, start: number, end: number): Role {
  switch (end - start) {
    case PARTITION_KEY.length: return stands(bytes, start, PARTITION_KEY) ? ROLE.partitionKey : ROLE.property;
    case ROW_KEY.length: return stands(bytes, start, ROW_KEY) ? ROLE.rowKey : ROLE.property;
    case TIMESTAMP.length: return stands(bytes, start, TIMESTAMP) ? ROLE.timestamp : ROLE.property;
    default: return ROLE.property;
  }
}

/** The role of the member with this (unescaped) name; undefined for an annotation that no table service sends. */
export function roleOf(bytes: Uint8Array, start: number, end: number): Role | undefined {
  if (bytes[start] === CONTROL[0] && end - start >= CONTROL.length && stands(bytes, start, CONTROL)) {
    return end - start === ETAG.length && stands(bytes, start, ETAG) ? ROLE.etag : ROLE.dropped;
  }
  for (let i = start; i < end; i++) {
    if (bytes[i] !== AT) continue;
    if (end - i !== ANNOTATION_SUFFIX.length || !stands(bytes, i, ANNOTATION_SUFFIX)) return undefined;
    const annotated = plainRole(bytes, start, i);
    if (annotated === ROLE.timestamp) return ROLE.dropped;
    return annotated === ROLE.property ? ROLE.annotation : ROLE.keyAnnotation;
  }
  return plainRole(bytes, start, end);
}
