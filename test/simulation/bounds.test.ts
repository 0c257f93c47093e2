import { judge } from "./checkers";
import type { Defect } from "./defects";
import { readAhead } from "./defects/readAhead";
import { scenarioOf } from "./generate";
import type { Scenario } from "./scenario";
import { simulate } from "./simulate";

const ROWS = 12_000;

/** A table that is much larger than what may be held at once, and a destination that is slow. */
function largeTable(): Scenario {
  const keys = Array.from({ length: ROWS }, (_, at) => ({ partitionKey: "p", rowKey: String(at).padStart(6, "0") }));
  const rows = keys.map((_, key) => ({ key, where: "source" as const, members: '"n":1' }));
  return {
    ...scenarioOf(1),
    tables: [{ table: "Cities", destinationTable: "Cities", mode: "replace", keys, rows }],
    level: "none",
    concurrency: 8,
    network: { latencyMsMin: 5, latencyMsMax: 20, spikeChance: 0.05, spikeMsMax: 3_000, pageRowsMax: 1_000 },
    faults: [],
    ambushes: [],
    phases: [{ runs: [{ startMs: 0 }], edits: [], pauseMs: 0 }],
  };
}

async function found(defect?: Defect): Promise<readonly string[]> {
  const scenario = largeTable();
  const { log } = await simulate(scenario, defect);
  return [...new Set(judge(scenario, log).map(({ checker }) => checker))];
}

describe("a table larger than memory should be", () => {
  it("is copied with few of its rows held at once, and every invariant holds", async () => {
    expect(await found()).toEqual([]);
  });

  it("would be noticed by the checker of bounds if it were read without waiting for the destination", async () => {
    expect(await found(readAhead)).toEqual([readAhead.caughtBy]);
  });
});
