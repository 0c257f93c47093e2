import type { RowKey } from "../../migration/engine/row";
import { ZOO } from "../contract/zoo";
import type { Rng } from "./rng";

/** Parts of keys that services, filters, URLs and comparisons have stumbled over. All are legal. */
const ODD_PARTS = [
  "", " ", "  a", "'", "''", "a'b", "%", "%41", "%2F", "+", "a+b", "a&b=c", "~", "!", "-", "$", "@", ":", ";", ",",
  "(", ")", "()", "[x]", "{\"a\":1}", "null", "undefined", "__proto__", "0", "00", "-0", "1e5", "a", "A", "aa", "Aa",
  "segment-0000000000000001", "ä", "a\u0308", "ß", "SS", "ı", "I", "İ", "中", "あ", "\u00a0", "\u200b", "\u2028",
  "\ufeff", "\uffee", "\ud83d\ude80", "\ud83d\ude80a", "\ue000", "z".repeat(200),
] as const;

const SMALL = ZOO.filter(({ members }) => members.length < 300);
/** Without those that leave no room for the number that every write gets. */
const LARGE = ZOO.filter(
  ({ title, members }) => members.length >= 300 && members.length < 100_000 && !/252/.test(title),
);


/** The members of a row, taken from the zoo of values that copiers lose. */
export function oddMembers(random: Rng, largeChance: number): string {
  return random.pick(random.chance(largeChance) ? LARGE : SMALL).members;
}

export type Shape = "one" | "few" | "each" | "odd";

/** `count` different keys. one: a single partition. few: up to five. each: a row a partition. odd: odd parts. */
export function keysOf(random: Rng, shape: Shape, count: number): RowKey[] {
  const keys = new Map<string, RowKey>();
  const partitions = random.int(2, 5);
  for (let at = 0; keys.size < count; at += 1) {
    const key = keyAt(random, shape, at, partitions);
    keys.set(JSON.stringify([key.partitionKey, key.rowKey]), key);
  }
  return [...keys.values()];
}

function keyAt(random: Rng, shape: Shape, at: number, partitions: number): RowKey {
  const number = String(at).padStart(6, "0");
  switch (shape) {
    case "one":
      return { partitionKey: "p", rowKey: number };
    case "few":
      return { partitionKey: `p${at % partitions}`, rowKey: number };
    case "each":
      return { partitionKey: number, rowKey: "" };
    case "odd": {
      // Beyond what the odd parts alone can tell apart, a number helps.
      const tail = at > 40 ? number : "";
      return { partitionKey: random.pick(ODD_PARTS), rowKey: `${random.pick(ODD_PARTS)}${tail}` };
    }
  }
}
