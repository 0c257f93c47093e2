import { explore, type Found, spread } from "./explore";
import { compareKeys, type RowKey } from "./row";
import { together } from "./together";

/** The first key behind `after`, as the service tells it; undefined where there is none. */
export type FirstAfter = (after: RowKey) => Promise<RowKey | undefined>;

/** Characters of a key looked at to learn where others branch off. */
const LEVELS_MAX = 12;

const UNITS = 0x10000;

/** Branches that are followed, one behind the other. */
const DEPTHS_MAX = 3;

/** Keys in the order of one of their two texts. */
export interface Line {
  text(key: RowKey): string;
  /** A key before all whose text is at least this one. */
  at(text: string): RowKey;
  /** Where a range ends so that the next one begins with this key: where it can, with its whole partition. */
  before(key: RowKey): RowKey;
  holds(key: RowKey): boolean;
}

export const PARTITIONS: Line = {
  text: (key) => key.partitionKey,
  at: (text) => ({ partitionKey: text, rowKey: "" }),
  before: (key) => ({ partitionKey: key.partitionKey, rowKey: "" }),
  holds: () => true,
};

export function rowsOf(partitionKey: string): Line {
  return {
    text: (key) => key.rowKey,
    at: (text) => ({ partitionKey, rowKey: text }),
    before: (key) => ({ partitionKey, rowKey: key.rowKey }),
    holds: (key) => key.partitionKey === partitionKey,
  };
}

/** The same question, whose answer counts only where it lies behind `after` and before `upTo`. */
export function firstInside(firstAfter: FirstAfter, after: RowKey, upTo: RowKey | undefined): FirstAfter {
  return async (key) => {
    const found = await firstAfter(key);
    const isInside = found && compareKeys(found, after) > 0 && (!upTo || compareKeys(found, upTo) < 0);
    return isInside ? found : undefined;
  };
}

/**
 * Up to `count` keys behind `after` and before `upTo`, spread over what lies between: rows that are there or, where
 * partitions branch, the beginning of one that is there. Nothing is assumed of how keys look or are distributed: the
 * service is asked for the first key behind texts that differ from `after` at one of their UTF-16 units, and what it
 * answers shows where keys branch.
 */
export async function keysBetween(
  firstAfter: FirstAfter,
  after: RowKey,
  upTo: RowKey | undefined,
  count: number,
): Promise<readonly RowKey[]> {
  const inside = firstInside(firstAfter, after, upTo);
  const found: RowKey[] = [];
  for (let depth = 0, from = after; depth < DEPTHS_MAX && found.length < count; depth += 1) {
    const more = await firstBranches(inside, from, upTo, count - found.length);
    found.push(...spread(more, count - found.length));
    const last = more.at(-1);
    if (!last) break;
    // Where few keys branch off, what lies behind the last of them is divided, too: it may be most of the table.
    from = last;
  }
  return found;
}

/** In key order, each once. */
async function firstBranches(
  firstAfter: FirstAfter,
  after: RowKey,
  upTo: RowKey | undefined,
  count: number,
): Promise<readonly RowKey[]> {
  const onePartition = upTo?.partitionKey === after.partitionKey;
  const partitions = onePartition ? [] : await keysOnLine(PARTITIONS, firstAfter, after, upTo, count);
  // Where no partition begins there may still be many rows in this one: there it is the row keys that branch.
  if (partitions.length > 0) return partitions;
  return keysOnLine(rowsOf(after.partitionKey), firstAfter, after, upTo, count);
}

async function keysOnLine(
  line: Line,
  firstAfter: FirstAfter,
  after: RowKey,
  upTo: RowKey | undefined,
  count: number,
): Promise<readonly RowKey[]> {
  const from = line.text(after);
  // Where the first characters differ most keys are to be expected; only if there are none, the next ones.
  for (const level of await branches(line, firstAfter, from)) {
    const prefix = from.slice(0, level);
    const low = level < from.length ? from.charCodeAt(level) : -1;
    const end = upTo && line.holds(upTo) ? line.text(upTo) : undefined;
    const high = end?.startsWith(prefix) && end.length > level ? end.charCodeAt(level) + 1 : UNITS;
    const ask = async (unit: number): Promise<Found<RowKey> | undefined> => {
      const text = wellFormed(prefix, unit);
      const key = text === undefined ? undefined : await firstAfter(line.at(text));
      if (!key || !line.holds(key) || !line.text(key).startsWith(prefix)) return undefined;
      const at = line.text(key).charCodeAt(level);
      return at >= unit ? { at, value: key } : undefined;
    };
    // Twice as many as wanted, so that they can be chosen evenly.
    const found = (await explore(low, high, 2 * count, ask)).map(({ value }) => line.before(value));
    const behind = found.filter((key) => compareKeys(key, after) > 0);
    if (behind.length > 0) return behind;
  }
  return [];
}

/** At which characters of `from` later keys branch off, the first ones first. */
async function branches(line: Line, firstAfter: FirstAfter, from: string): Promise<readonly number[]> {
  const step = Math.max(1, Math.ceil(from.length / LEVELS_MAX));
  const levels = new Set<number>();
  const asked = Array.from({ length: Math.ceil(from.length / step) }, (_, at) => at * step);
  await together(
    // The last one: keys that begin with the whole of `from`.
    [...asked, from.length].map(async (level) => {
      const text = wellFormed(from.slice(0, level), level < from.length ? from.charCodeAt(level) + 1 : 0);
      const key = text === undefined ? undefined : await firstAfter(line.at(text));
      if (key && line.holds(key)) levels.add(commonLength(line.text(key), from));
    }),
  );
  return [...levels].sort((a, b) => a - b);
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a.charCodeAt(length) === b.charCodeAt(length)) length += 1;
  return length;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Control characters are in no key, and services refuse them in questions, too. */
function visible(unit: number): number {
  if (unit < 0x20) return 0x20;
  return unit >= 0x7f && unit < 0xa0 ? 0xa0 : unit;
}

/** The prefix and a unit, or the next text behind them that has a UTF-8, which is what a URL needs. */
export function wellFormed(prefix: string, unit: number): string | undefined {
  if (unit >= UNITS) return undefined;
  const least = visible(unit);
  return [String.fromCharCode(least), String.fromCharCode(least, 0xdc00), "\ue000"]
    .map((tail) => prefix + tail)
    .find((text) => !LONE_SURROGATE.test(text) && text >= prefix + String.fromCharCode(least));
}
