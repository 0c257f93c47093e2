import { together } from "./together";

/** Questions of one round. */
const QUESTIONS_AT_ONCE_MAX = 16;

/** Halvings of a line at most: 16 for code units, and enough for the sequences of segments, which lie 2^32 apart. */
const HALVINGS_MAX = 32;

/** Rounds of asking in between what is known already: two, so that all parts of the line are looked at; one more. */
const ROUNDS_MIN = 2;
const ROUNDS_MAX = 3;

/** Something at a place on a line. */
export interface Found<T> {
  readonly at: number;
  readonly value: T;
}

interface Gap {
  readonly low: number;
  readonly high: number;
}

/**
 * Finds things scattered over the places low < at < high by asking "what is the first at this place or behind it?".
 * Nothing is known of how they are scattered: the first places asked for come ever closer to `low` by halves, later
 * ones lie in the middle of the widest gaps. A last round is left out once `enough` are found. In the order of places.
 */
export async function explore<T>(
  low: number,
  high: number,
  enough: number,
  ask: (at: number) => Promise<Found<T> | undefined>,
): Promise<readonly Found<T>[]> {
  const found = new Map<number, Found<T>>();
  let gaps: readonly Gap[] = [{ low, high }];
  const askAll = async (places: readonly number[]) => {
    const answers = await together(places.map(async (at) => ({ at, answer: await ask(at) })));
    for (const { answer } of answers) if (answer && answer.at > low && answer.at < high) found.set(answer.at, answer);
    for (const { at, answer } of answers) gaps = narrowed(gaps, at, answer?.at ?? high);
  };
  await askAll(halvings(low, high));
  for (let round = 0; round < ROUNDS_MAX && (round < ROUNDS_MIN || found.size < enough); round += 1) {
    const open = gaps.filter((gap) => gap.high - gap.low > 1).sort((a, b) => b.high - b.low - (a.high - a.low));
    const places = open.slice(0, QUESTIONS_AT_ONCE_MAX).map((gap) => gap.low + Math.ceil((gap.high - gap.low) / 2));
    if (places.length === 0) break;
    await askAll(places);
  }
  return [...found.values()].sort((a, b) => a.at - b.at);
}

/** low + 1, and the places at a half, a quarter, an eighth, ... of the way. */
function halvings(low: number, high: number): readonly number[] {
  const places = new Set<number>();
  for (let width = Math.floor((high - low) / 2); width >= 1 && places.size < HALVINGS_MAX; ) {
    places.add(low + width);
    width = Math.floor(width / 2);
  }
  return [...places].filter((at) => at < high);
}

/** From `from` on there is nothing before `to`. */
function narrowed(gaps: readonly Gap[], from: number, to: number): readonly Gap[] {
  return gaps.flatMap((gap) => {
    const parts = [{ low: gap.low, high: Math.min(gap.high, from) }, { low: Math.max(gap.low, to), high: gap.high }];
    return parts.filter((part) => part.high > part.low);
  });
}

/** `count` of them at most, spread evenly over all that were found. */
export function spread<T>(found: readonly T[], count: number): readonly T[] {
  if (found.length <= count) return found;
  const chosen = Array.from({ length: count }, (_, at) => found[Math.floor(((at + 1) * found.length) / (count + 1))]);
  return chosen as readonly T[];
}
