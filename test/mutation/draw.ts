import type { Chance } from "./chance";
import { KINDS, type Kind } from "./kinds";
import type { ModelRow, RowChange } from "./row";
import type { Side } from "./world";

/** Mostly the destination is wrong; now and then it is the source. */
const SOURCE_SHARE = 0.25;
const TOGETHER_MAX = 8;

export function drawSide(chance: Chance): Side {
  return chance.often(SOURCE_SHARE) ? "source" : "destination";
}

/** A kind, and what it does to this table. Kinds take turns, so that each is tried about as often. */
export function drawOne(
  rows: readonly ModelRow[],
  turn: number,
  chance: Chance,
): readonly [Kind, readonly RowChange[]] {
  for (let n = 0; n < 10 * KINDS.length; n++) {
    const kind = KINDS[(turn + n) % KINDS.length] as Kind;
    const changes = kind.make(rows, chance);
    if (changes !== undefined && changes.length > 0) return [kind, changes];
  }
  throw new Error("No kind of mutation can be done to this table.");
}

/** Two to eight mutations that the service can hold and that touch no row twice. */
export function drawSeveral(rows: readonly ModelRow[], turn: number, chance: Chance): readonly RowChange[] {
  const wanted = 2 + chance.int(TOGETHER_MAX - 1);
  const touched = new Set<string>();
  const drawn: RowChange[] = [];
  for (let n = 0, taken = 0; n < 8 * wanted && taken < wanted; n++) {
    const [kind, changes] = drawOne(rows, turn + 7 * n, chance);
    const keys = changes.flatMap(({ before, after }) => [before, after]).filter((row) => row !== undefined)
      .map(({ partitionKey, rowKey }) => JSON.stringify([partitionKey, rowKey]));
    if (kind.canned === true || keys.some((key) => touched.has(key))) continue;
    for (const key of keys) touched.add(key);
    drawn.push(...changes);
    taken += 1;
  }
  return drawn;
}
