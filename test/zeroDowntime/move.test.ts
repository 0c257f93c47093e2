import { isWhole } from "./accountText";
import { Move } from "./move";

const SILENT = () => undefined;

describe("a move to Cosmos DB while an application writes", () => {
  it("loses nothing, overwrites nothing newer and leaves nothing unexplained, killed on the way", async () => {
    const lines: string[] = [];
    const say = (text: string) => void lines.push(text);
    const result = await Move.play({ rows: 3_000, seed: 7, stepMs: 1_500, say, heading: SILENT });
    expect({ ...result.account, isWhole: isWhole(result.account) }).toMatchObject({
      isWhole: true, lost: [], stale: [], unexplained: [],
    });
    expect(result.killed).toBe(true);
    // Otherwise the account would only say that nothing happened.
    const { account: { untouched, lastWrittenInSource, lastWrittenInDestination, deleted }, conflicts } = result;
    for (const count of [untouched, lastWrittenInSource, lastWrittenInDestination, deleted, conflicts]) {
      expect(count).toBeGreaterThan(0);
    }
    expect(lines.join("\n")).not.toMatch(/AccountKey=/);
  }, 240_000);
});
