import { Summary } from "./summary";
import { ZERO_DOWNTIME } from "./zeroDowntime";

const { checkers, scenarioOf, simulate } = ZERO_DOWNTIME;

/** Lines that do not depend on how fast the machine was. */
function countsOf(summary: Summary): readonly string[] {
  return summary.text().split("\n").filter((line) => !/^\| (?:real|CPU) time/.test(line));
}

describe("the summary of many simulations", () => {
  it("is the same whether one process played them or several", async () => {
    const [all, first, second, together] = [0, 1, 2, 3].map(() => new Summary(checkers)) as [
      Summary, Summary, Summary, Summary,
    ];
    for (const seed of [1, 2, 3, 4]) {
      const scenario = scenarioOf(seed);
      const simulated = await simulate(scenario);
      const violations = seed === 3 ? [{ checker: "bounds", seq: 0, message: "for the test" }] : [];
      for (const one of [all, seed % 2 === 0 ? first : second]) one.add(scenario, simulated, violations);
    }
    for (const one of [second, first]) together.take(JSON.parse(JSON.stringify(one.played)) as typeof one.played);
    expect(countsOf(together).toSorted()).toEqual(countsOf(all).toSorted());
    expect(together.failed).toEqual([3]);
    expect(countsOf(together)).toContain("| checker: bounds | 1 violations |");
  });
});
