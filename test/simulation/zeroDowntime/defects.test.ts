import { ZERO_DOWNTIME } from ".";

const { checkers, defects, judge, scenarioOf, simulate } = ZERO_DOWNTIME;

/** The flaws of tools that move tables while they are written (README, "Others"). */
const FLAWS_OF_OTHERS = [
  "watermark-after-the-run", "replace-after-the-switch", "drop-reserved-names", "ignore-case-of-names",
  "ignore-case-of-keys", "swallow-failures",
];

describe("a checker of moves without downtime that nothing gets past", () => {
  it.each(defects)("notices the defect $name ($caughtBy)", async (defect) => {
    for (let seed = 1; seed <= defect.withinSeeds; seed += 1) {
      const scenario = scenarioOf(seed);
      const { log } = await simulate(scenario, defect);
      if (judge(scenario, log).some(({ checker }) => checker === defect.caughtBy)) return;
    }
    throw new Error(`${defect.name} went unnoticed by "${defect.caughtBy}" for ${defect.withinSeeds} seeds`);
  });

  it("is every one of them", () => {
    const proven = new Set(defects.map(({ caughtBy }) => caughtBy));
    expect([...proven].sort()).toEqual(checkers.map(({ name }) => name).sort());
  });

  it("is shown every flaw of other tools, within 1,000 seeds", () => {
    const within = new Map(defects.map(({ name, withinSeeds }) => [name, withinSeeds]));
    for (const name of FLAWS_OF_OTHERS) expect(within.get(name)).toBeLessThanOrEqual(1_000);
  });
});
