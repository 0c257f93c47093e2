import { COPY } from "./copy";
import type { Scenario } from "./scenario";
import { shrink } from "./shrink";

const { judge, scenarioOf, scheduleText, simulate } = COPY;

const defect = COPY.defects.find(({ name }) => name === "write-twice");

/** A small scenario with a bit of everything that has nothing to do with the defect. */
function scenario(): Scenario {
  const drawn = scenarioOf(2);
  return { ...drawn, tables: drawn.tables.map((table) => ({ ...table, rows: table.rows.slice(0, 12) })) };
}

describe("a seed that fails", () => {
  it("is shrunk to what it takes: one row, one table, and nothing else that happens", async () => {
    const smallest = await shrink(COPY, scenario(), "no duplicate", defect);
    expect(smallest.tables).toHaveLength(1);
    expect(smallest.tables[0]?.rows).toHaveLength(1);
    expect(smallest).toMatchObject({ faults: [], ambushes: [], phases: [] });
    expect(scheduleText(smallest)).toContain("1 tables, 1 rows, 0 runs, 0 edits, 0 faults");
    const { log } = await simulate(smallest, defect);
    expect(judge(smallest, log).map(({ checker }) => checker)).toContain("no duplicate");
  });
});
