import { CHECKERS, judge } from "./checkers";
import { DEFECTS } from "./defects";
import { scenarioOf } from "./generate";
import { simulate } from "./simulate";

describe("a checker that nothing gets past", () => {
  it.each(DEFECTS)("notices the defect $name ($caughtBy)", async (defect) => {
    for (let seed = 1; seed <= defect.withinSeeds; seed += 1) {
      const scenario = scenarioOf(seed);
      const { log } = await simulate(scenario, defect);
      if (judge(scenario, log).some(({ checker }) => checker === defect.caughtBy)) return;
    }
    throw new Error(`${defect.name} went unnoticed by "${defect.caughtBy}" for ${defect.withinSeeds} seeds`);
  }, 300_000);

  it("is every one of them", () => {
    const proven = new Set(DEFECTS.map(({ caughtBy }) => caughtBy));
    expect([...proven].sort()).toEqual(CHECKERS.map(({ name }) => name).sort());
  });
});
