/** Types of property values. The numbers go into digests: never renumber one. */
export const EDM = {
  none: 0,
  boolean: 1,
  int32: 2,
  int64: 3,
  double: 4,
  dateTime: 5,
  guid: 6,
  binary: 7,
  string: 8,
} as const;

export type EdmType = (typeof EDM)[keyof typeof EDM];

const NAMES = [
  "null", "Edm.Boolean", "Edm.Int32", "Edm.Int64", "Edm.Double", "Edm.DateTime", "Edm.Guid", "Edm.Binary", "Edm.String",
] as const;

const BY_NAME: ReadonlyMap<string, EdmType> = new Map(
  NAMES.flatMap((name, tag) => (tag === EDM.none ? [] : [[name, tag as EdmType] as const])),
);

export function edmName(type: EdmType): string {
  return NAMES[type];
}

function shape(length: number, last: number): number {
  return length * 256 + last;
}

/** Length and last letter tell all eight apart. */
const BY_SHAPE = new Map<number, EdmType>();
for (const [name, tag] of BY_NAME) BY_SHAPE.set(shape(name.length, name.charCodeAt(name.length - 1)), tag);

/** The type that these bytes name, without making a string of them; undefined for any other text. */
export function edmTypeOfBytes(bytes: Uint8Array, start: number, end: number): EdmType | undefined {
  const tag = BY_SHAPE.get(shape(end - start, bytes[end - 1] as number));
  if (tag === undefined) return undefined;
  const name = NAMES[tag];
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name.charCodeAt(i)) return undefined;
  return tag;
}
