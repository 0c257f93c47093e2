/** What a filter says of the keys that can match it: the service looks nowhere else. */
export interface KeyRange {
  /** Every match is at or after this key. */
  readonly low: readonly [partitionKey: string, rowKey: string];
  /** The last partition that can match; undefined: open. */
  readonly partitionMax: string | undefined;
  /** The first row key that can match, in whatever partition. */
  readonly rowMin: string;
}

export const ALL_KEYS: KeyRange = { low: ["", ""], partitionMax: undefined, rowMin: "" };

type Key = KeyRange["low"];

const isBelow = (a: Key, b: Key) => (a[0] === b[0] ? a[1] < b[1] : a[0] < b[0]);
const later = (a: Key, b: Key) => (isBelow(a, b) ? b : a);

/** The keys of `name operator literal`. */
export function keysOfComparison(name: string, operator: string, literal: string): KeyRange {
  if (operator === "ne") return ALL_KEYS;
  const fromBelow = operator === "lt" || operator === "le";
  // The smallest text above another is that text and a NUL.
  const min = fromBelow ? "" : operator === "gt" ? `${literal}\u0000` : literal;
  if (name === "RowKey") return { ...ALL_KEYS, rowMin: min };
  if (name !== "PartitionKey") return ALL_KEYS;
  const partitionMax = operator === "gt" || operator === "ge" ? undefined : literal;
  return { low: [min, ""], partitionMax, rowMin: "" };
}

export function bothKeys(a: KeyRange, b: KeyRange): KeyRange {
  const max = [a.partitionMax, b.partitionMax].filter((key) => key !== undefined).sort();
  const rowMin = a.rowMin > b.rowMin ? a.rowMin : b.rowMin;
  const low = later(a.low, b.low);
  // Within one partition the row key narrows the search, too.
  return { low: max[0] === low[0] ? later(low, [low[0], rowMin]) : low, partitionMax: max[0], rowMin };
}

export function eitherKeys(a: KeyRange, b: KeyRange): KeyRange {
  const open = a.partitionMax === undefined || b.partitionMax === undefined;
  return {
    low: isBelow(a.low, b.low) ? a.low : b.low,
    partitionMax: open ? undefined : [a.partitionMax, b.partitionMax].sort()[1],
    rowMin: a.rowMin < b.rowMin ? a.rowMin : b.rowMin,
  };
}
