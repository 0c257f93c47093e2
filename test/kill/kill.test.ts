import { killAndResume } from "./attack";
import { isAcknowledged, progressOf } from "./progress";
import { failuresOf } from "./summary";
import { SHORT } from "./tables";

const SEED = 20_260_101;
const KILLS = 5;

const key = (partitionKey: string, rowKey: string) => ({ partitionKey, rowKey });

describe("what the journal calls acknowledged", () => {
  it("is what lies up to the position, whether a table is one range or several", () => {
    const one = progressOf({ pass: 1, complete: false, position: key("b", "1") });
    expect(one.rangesOpen).toBe(1);
    expect([key("a", "9"), key("b", "1"), key("b", "2")].map((at) => isAcknowledged(one, at))).toEqual([
      true, true, false,
    ]);
    const several = progressOf({
      pass: 1, complete: false,
      ranges: [
        { upTo: key("b", ""), complete: true },
        { upTo: key("d", ""), position: key("c", "5"), complete: false },
        { complete: false },
      ],
    });
    expect(several.rangesOpen).toBe(2);
    expect([key("a", ""), key("b", ""), key("c", "5"), key("c", "6"), key("e", "")].map((at) =>
      isAcknowledged(several, at))).toEqual([true, true, true, false, false]);
  });
});

describe("a copy that is killed", () => {
  it("is finished by the same command from another folder, and nothing is lost, doubled or left behind", async () => {
    const results = await killAndResume({ times: KILLS, seed: SEED, sizes: SHORT });
    expect(failuresOf(results)).toEqual([]);
    expect(results.flatMap(({ kills }) => kills).length).toBeGreaterThanOrEqual(KILLS);
  }, 300_000);
});
