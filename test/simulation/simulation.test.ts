import { scenarioOf } from "./generate";
import { judge } from "./checkers";
import { simulate } from "./simulate";

/** Seeds of every `npm test`, as long as the time lasts; `npm run simulate` goes on from there. */
const SEEDS_MAX = 300;
const SEEDS_MIN = 50;
const TIME_MS_MAX = 20_000;

describe("whatever fails", () => {
  it("nothing is lost, and every invariant holds, for seed after seed", async () => {
    const startedMs = performance.now();
    for (let seed = 1; seed <= SEEDS_MAX; seed += 1) {
      if (seed > SEEDS_MIN && performance.now() - startedMs > TIME_MS_MAX) return;
      const scenario = scenarioOf(seed);
      const { log } = await simulate(scenario);
      const violations = judge(scenario, log).map(({ checker, message }) => `${checker}: ${message}`);
      // To see more: npm run simulate -- --seed <seed>
      expect({ seed, violations }).toEqual({ seed, violations: [] });
    }
  });

  it("the same seed gives the same trace, byte for byte", async () => {
    for (const seed of [3, 39, 77]) {
      const scenario = scenarioOf(seed);
      const first = await simulate(scenario);
      const second = await simulate(scenarioOf(seed));
      expect(first.log.entries.length).toBeGreaterThan(100);
      expect(second.log.hash()).toBe(first.log.hash());
    }
  });

  it("other seeds give other scenarios and other traces", async () => {
    const hashes = new Set<string>();
    for (let seed = 1; seed <= 5; seed += 1) hashes.add((await simulate(scenarioOf(seed))).log.hash());
    expect(hashes.size).toBe(5);
  });
});
