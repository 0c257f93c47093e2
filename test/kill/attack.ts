import { Chance } from "../mutation/chance";
import { measureLife, play, type Result } from "./scenario";
import type { Sizes } from "./tables";

export interface KillOptions {
  /** Kills, at least. */
  readonly times: number;
  readonly seed: number;
  readonly sizes: Sizes;
  /** Called after each scenario. */
  readonly played?: (result: Result) => void;
}

/** Of the golden ratio: moments in a life that stay evenly spread however many are asked for. */
const SPREAD = 0.618_033_988_749_895;

/** Scenarios with moments spread over the whole life of a run, until so many processes were killed. */
export async function killAndResume({ times, seed, sizes, played }: KillOptions): Promise<readonly Result[]> {
  const chance = new Chance(seed);
  const life = await measureLife(sizes);
  const results: Result[] = [];
  const first = chance.int(1_000) / 1_000;
  let kills = 0;
  // A run may end before its moment comes; that is no kill, and others follow. The bound keeps a defect from hanging.
  for (let n = 0; kills < times && n < 3 * times; n++) {
    const result = await play({ seed: seed + n, at: (first + n * SPREAD) % 1, sizes, life });
    results.push(result);
    kills += result.kills.length;
    played?.(result);
  }
  return results;
}
