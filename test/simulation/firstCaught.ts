import type { Kind } from "./kind";
import type { Scenario } from "./scenario";

/** Where a flaw counts as unnoticed. */
export const SEEDS_MAX = 1_000;

export interface Caught {
  readonly name: string;
  readonly caughtBy: string;
  /** Undefined where the checker whose business it is notices nothing up to `SEEDS_MAX`. */
  readonly seed: number | undefined;
}

/** Switches each mistake on, and plays from seed 1 on until the checker whose business it is notices it. */
export async function firstCaught<S extends Scenario>({ defects, judge, scenarioOf, simulate }: Kind<S>): Promise<
  readonly Caught[]
> {
  const found: Caught[] = [];
  for (const defect of defects) {
    const { name, caughtBy } = defect;
    let seed = 1;
    for (; seed <= SEEDS_MAX; seed += 1) {
      const scenario = scenarioOf(seed);
      const { log } = await simulate(scenario, defect);
      if (judge(scenario, log).some(({ checker }) => checker === caughtBy)) break;
    }
    found.push({ name, caughtBy, seed: seed <= SEEDS_MAX ? seed : undefined });
  }
  return found;
}

/** As a table of Markdown. */
export function caughtText(caught: readonly Caught[]): string {
  const rows = caught.map(({ name, caughtBy, seed }) => `| \`${name}\` | ${caughtBy} | ${seed ?? "**none**"} |`);
  return ["| `--defect` | Caught by | First at seed |", "|---|---|---|", ...rows].join("\n");
}
