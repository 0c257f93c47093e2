import { ZERO_DOWNTIME } from ".";

const { judge, scenarioOf, simulate } = ZERO_DOWNTIME;

/** Seeds of every `npm test`, as long as the time lasts; `npm run simulate` goes on from there. */
const SEEDS_MAX = 300;
const SEEDS_MIN = 50;
const TIME_MS_MAX = 10_000;

describe("a table that moves while its application writes", () => {
  it("loses no change and keeps every newer row, for seed after seed", async () => {
    const startedMs = performance.now();
    for (let seed = 1; seed <= SEEDS_MAX; seed += 1) {
      if (seed > SEEDS_MIN && performance.now() - startedMs > TIME_MS_MAX) return;
      const scenario = scenarioOf(seed);
      const { log } = await simulate(scenario);
      const violations = judge(scenario, log).map(({ checker, message }) => `${checker}: ${message}`);
      // To see more: npm run simulate -- --scenario zero-downtime --seed <seed>
      expect({ seed, violations }).toEqual({ seed, violations: [] });
    }
  });

  it("does so in the same way whenever the seed is the same", async () => {
    for (const seed of [3, 40, 77]) {
      const first = await simulate(scenarioOf(seed));
      const second = await simulate(scenarioOf(seed));
      expect(first.log.entries.length).toBeGreaterThan(100);
      expect(second.log.hash()).toBe(first.log.hash());
    }
  });
});
