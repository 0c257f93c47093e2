import { check } from "../../migration/handlers/tableCopy";

const settings = { tables: ["Cities"].map((table) => ({ table })), deletes: "report", conflicts: "refuse" };
const inputs = (phase: string, frozen: boolean) => ({ ...settings, phase, frozen, reportFolder: "r" });

describe("a phase that closes access", () => {
  test.each(["sync", "switched"])("is refused straight after %s, with what comes first", async (phase) => {
    const { failures } = await check(inputs(phase, false), inputs("done", true));
    expect(failures).toEqual([{ property: "phase", reason: expect.stringMatching(/set phase to drained/) }]);
  });

  test.each(["drained", "done"])("is let through after %s", async (phase) => {
    expect((await check(inputs(phase, false), inputs("done", true))).failures).toEqual([]);
  });
});
