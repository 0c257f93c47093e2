import { matchesAt, textEnd, textOf } from "./plainText";
import { isPlainValue } from "./plainValues";

// Bound once: a look through the module at every call would cost more than some of these functions do.
const [matches, endOfText, text, isPlain] = [matchesAt, textEnd, textOf, isPlainValue];

const QUOTE = 0x22;
const COMMA = 0x2c;
const CLOSE = 0x7d;

/** What becomes of a value. */
export const ROLE = { KEPT: 0, PARTITION_KEY: 1, ROW_KEY: 2, DROPPED: 3 } as const;

/** One value of an entity, and all that stands before it since the value before. */
export interface ShapeValue {
  /** Punctuation, names, annotations: the same in every entity of this shape. */
  readonly before: Buffer;
  /** A `TYPE`. */
  readonly type: number;
  /** A `ROLE`. */
  readonly role: number;
  /** Where in `before` the part begins that is kept with the value. */
  readonly keptFrom: number;
  /** Bytes of an annotation that comes after its value, and is kept in front of it; 0: there is none. */
  readonly labelBytes: number;
}

/** An entity read by its shape. */
export interface Shaped {
  readonly partitionKey: string | undefined;
  readonly rowKey: string | undefined;
  /** What to keep: starts and ends in turn. */
  readonly runs: readonly number[];
}

/** Rows of a batch have one partition: its key's text is used again where the bytes are the same. */
let lastPartition = "";
/** Its bytes are its UTF-16 units: nothing beyond ASCII, no escape. */
let isLastPlain = true;

function partitionText(bytes: Buffer, start: number, end: number): string {
  const length = end - start - 2;
  let same = isLastPlain && length === lastPartition.length;
  for (let n = 0; same && n < length; n += 1) same = bytes[start + 1 + n] === lastPartition.charCodeAt(n);
  if (same) return lastPartition;
  lastPartition = text(bytes, start, end);
  isLastPlain = /^[\x20-\x7e]*$/.test(lastPartition) && !lastPartition.includes("\\");
  return lastPartition;
}

/**
 * Names and types of an entity, in their order. Rows of one table mostly look alike: where the next one does, only its
 * values need to be looked at.
 */
export class Shape {
  constructor(
    private readonly values: readonly ShapeValue[],
    /** What stands after the last value. */
    private readonly tail: Buffer,
    private readonly valueBytesMax: number,
  ) {}

  /** Undefined where the entity has another shape, or a value that is not plain. */
  read(bytes: Buffer, start: number, end: number): Shaped | undefined {
    const runs: number[] = [];
    let partitionKey: string | undefined;
    let rowKey: string | undefined;
    let at = start;
    for (const { before, type, role, keptFrom, labelBytes } of this.values) {
      if (!matches(bytes, before, at)) return undefined;
      const from = at + before.length;
      at = this.valueEnd(bytes, from, end);
      if (at < 0 || !isPlain(bytes, from, at, type, this.valueBytesMax)) return undefined;
      if (role === ROLE.KEPT) {
        const keptAt = from - before.length + keptFrom;
        // It follows the value's comma.
        if (labelBytes > 0) runs.push(at + 1, at + 1 + labelBytes);
        const last = runs.length - 1;
        // A comma between two that are kept is kept with them.
        if (last > 0 && runs[last] === keptAt - 1) runs[last] = at;
        else runs.push(keptAt, at);
      } else if (role === ROLE.PARTITION_KEY) partitionKey = partitionText(bytes, from, at);
      else if (role === ROLE.ROW_KEY) rowKey = text(bytes, from, at);
    }
    const isWhole = at + this.tail.length === end && matches(bytes, this.tail, at);
    return isWhole ? { partitionKey, rowKey, runs } : undefined;
  }

  private valueEnd(bytes: Buffer, start: number, end: number): number {
    if (bytes[start] === QUOTE) {
      const at = endOfText(bytes, start + 1, end) + 1;
      return at === 0 || at - start > this.valueBytesMax ? -1 : at;
    }
    let at = start;
    while (at < end && bytes[at] !== COMMA && bytes[at] !== CLOSE) at += 1;
    return at;
  }
}
