import { readFileSync, writeFileSync } from "node:fs";
import type { CopyPlan } from "../../migration/handlers/copyPlan";
import type { Properties } from "../../migration/handlers/handler";
import { accessPorts } from "../../migration/handlers/ports";
import { tableVerificationHandler } from "../../migration/handlers/tableVerification";
import { tableCopyHandler } from "../../migration/handlers/tableCopy";
import type { Span } from "../../migration/engine/estimate/span";
import { REQUEST_KINDS } from "../../migration/engine/usage";
import { checkReport } from "../../migration/report/check";
import { execute } from "../../migration/run/execute";
import type { ExecuteRequest } from "../../migration/run/request";
import { priceFile } from "../cli/priceFile";
import { cities, World } from "../cli/world";

const holds = ({ low, high = Infinity }: Span, real: number) => low <= real && real <= high;

describe("what a stack's copy takes and costs", () => {
  let world: World;
  let asked: ExecuteRequest[];
  const said: string[] = [];

  beforeEach(async () => {
    world = await World.start();
    await world.put("source", "Cities", cities(7));
    asked = [];
    said.length = 0;
  });

  afterEach(() => world.stop());

  const handler = () => tableCopyHandler({
    ...accessPorts,
    say: (text) => void said.push(text),
    execute: (request) => {
      asked.push(request);
      return execute(request);
    },
  });

  const given = (more: Properties = {}): Properties => ({
    source: world.connection("source"), destination: world.connection("destination"), tables: [{ table: "Cities" }],
    deletes: "report", conflicts: "refuse", frozen: false, reportFolder: world.file("reports"), ...more,
  });

  const pricesFile = (...change: Parameters<typeof priceFile>) => {
    writeFileSync(world.file("prices.json"), priceFile(...change));
    return world.file("prices.json");
  };

  async function preview(news: Properties) {
    const { inputs, failures } = await handler().check({}, news);
    return { inputs, failures, plan: inputs["plan"] as CopyPlan };
  }

  async function reportOf(inputs: Properties) {
    const { outs } = await handler().create(inputs);
    const file = String(outs["reportPath"]);
    return checkReport(readFileSync(file, "utf8"), file);
  }

  it("is shown by the preview, and the report holds exactly that against what was used", async () => {
    const { inputs, failures, plan } = await preview(given({ prices: pricesFile() }));
    expect(failures).toEqual([]);
    expect(plan.text).toMatch(/^7 rows to copy\n/);
    expect(plan.text).toMatch(/\ncosts .* EUR \(a month after it .* EUR\); takes .*7 entities, [\d.]+ K?B;/);
    const { estimate, used, cost } = await reportOf(inputs);
    expect(estimate).toEqual(plan.estimate);
    if (!estimate || !used || !cost?.used) throw new Error("nothing was reckoned");
    for (const side of ["source", "destination"] as const) {
      const wrong = REQUEST_KINDS.filter((kind) => !holds(estimate[side].requests[kind], used[side].requests[kind]));
      expect({ side, wrong, told: estimate[side].requests, used: used[side].requests }).toMatchObject({ wrong: [] });
      expect(holds(estimate[side].bytesReceived, used[side].bytesReceived)).toBe(true);
    }
    expect(holds(cost.move.total, cost.used.total.low)).toBe(true);
    // The copy took the preview's word for it: one look at the source is enough.
    expect(asked.at(-1)).toMatchObject({ command: "copy", told: estimate });
    expect(asked.at(-1)).not.toHaveProperty("plan");
  });

  describe("together with the verification that follows", () => {
    const verification = { level: "full", sampleRows: 1_000 };

    const prove = async (inputs: Properties, plan: CopyPlan) => {
      const { prices } = inputs;
      const { outs } = await tableVerificationHandler({ ...accessPorts, say: () => undefined, execute }).create({
        ...given(), level: "full", afterRun: "r", ...(prices !== undefined && { prices }), told: plan.proof,
      });
      const file = String(outs["reportPath"]);
      return checkReport(readFileSync(file, "utf8"), file);
    };

    it("is priced as one, and each report holds its own part against what its own run used", async () => {
      const alone = await preview(given({ prices: pricesFile() }));
      expect(alone.plan.text).toMatch(/verification comes on top$/);
      expect(alone.plan).not.toHaveProperty("proof");
      const { inputs, plan } = await preview(given({ prices: pricesFile(), verification }));
      expect(plan.text).toMatch(/verification included \(.* of it\)$/);
      const [copied, proven] = [await reportOf(inputs), await prove(inputs, plan)];
      expect(copied.estimate).toEqual(plan.estimate);
      expect(proven.estimate).toEqual(plan.proof);
      for (const { estimate, used, cost } of [copied, proven]) {
        if (!estimate || !used || !cost?.used) throw new Error("nothing was reckoned");
        for (const side of ["source", "destination"] as const) {
          const [told, real] = [estimate[side].requests, used[side].requests];
          const wrong = REQUEST_KINDS.filter((kind) => !holds(told[kind], real[kind]));
          expect({ side, wrong, told, real }).toMatchObject({ wrong: [] });
          expect(holds(estimate[side].bytesReceived, used[side].bytesReceived)).toBe(true);
        }
        expect(holds(cost.move.total, cost.used.total.low)).toBe(true);
      }
      const both = /costs ([\d.]+) EUR(?: to ([\d.]+) EUR)?/.exec(plan.text);
      const sum = (copied.cost?.move.total.low ?? 0) + (proven.cost?.move.total.low ?? 0);
      expect(Number(both?.[1])).toBeCloseTo(sum, 3);
      // A verification writes nothing, and is told to write nothing.
      expect(proven.estimate?.destination.requests).toMatchObject({ write: { low: 0, high: 0 }, batch: { high: 0 } });
    });

    it("writes only what a dry run counted, once most is there: counted is said, and holds", async () => {
      const first = await preview(given({ verification }));
      expect(first.plan.estimate?.tables[0]).not.toHaveProperty("writes");
      await reportOf(first.inputs);
      await world.put("source", "Cities", cities(9).slice(7));
      const { inputs, plan } = await preview(given({ verification, prices: pricesFile() }));
      expect(plan.text).toMatch(/^2 rows to copy\n.*9 entities, .*, 2 of them to write \(counted\); verification/);
      expect(plan.estimate?.tables[0]?.writes).toEqual({ rows: { low: 2, high: 2 }, basis: "counted" });
      const { estimate, used } = await reportOf(inputs);
      expect(estimate).toEqual(plan.estimate);
      for (const kind of REQUEST_KINDS) {
        const [told, real] = [estimate?.destination.requests[kind], used?.destination.requests[kind]];
        expect({ kind, told, real, held: told !== undefined && holds(told, real ?? -1) }).toMatchObject({ held: true });
      }
    });
  });

  it("is told by its sample where a count does not come to its end in time", async () => {
    await reportOf((await preview(given())).inputs);
    await world.put("source", "Cities", cities(9).slice(7));
    const slow = tableCopyHandler({
      ...accessPorts,
      say: () => undefined,
      execute: async (request) => {
        const { command, signal } = request;
        if (command === "copy") await new Promise((resolve) => signal?.addEventListener("abort", resolve));
        return execute(request);
      },
    });
    const { inputs } = await slow.check({}, given({ planSecondsMax: 3 }));
    const { text, estimate } = inputs["plan"] as CopyPlan;
    expect(text).toMatch(/^at least .*9 entities, .*, 2 of them to write \(assumed: /s);
    expect(estimate?.tables[0]?.writes).toEqual({ rows: { low: 2, high: 2 }, basis: "assumed" });
  });

  it("writes nothing in a preview, not even a probe that is refused, where the destination is there", async () => {
    await world.put("destination", "Cities", cities(1));
    world.service.clearLog();
    const { plan } = await preview(given({ prices: pricesFile() }));
    expect(plan.estimate).toBeDefined();
    expect(world.service.log.map(({ method }) => method).filter((method) => method !== "GET")).toEqual([]);
  });

  it("has no cost without a price file, and says so; the report compares all the same", async () => {
    const { inputs, plan } = await preview(given());
    expect(plan.text).toMatch(/cost not known: no price file is given/);
    const report = await reportOf(inputs);
    expect(report).toMatchObject({ estimate: plan.estimate, used: { source: {} } });
    expect(report).not.toHaveProperty("cost");
  });

  it("is reckoned by the run where the preview could not, so that prices are never given in vain", async () => {
    const { estimate, cost } = await reportOf(given({ prices: pricesFile(), movePlan: { rowsPerSecond: 500 } }));
    expect(estimate).toMatchObject({ secondsBasis: "rate", plan: { rowsPerSecond: 500 } });
    expect(cost?.used).toBeDefined();
  });

  it("fails the preview for a price that is not there, by the name of its meter", async () => {
    const prices = pricesFile((one) => (/^source\.(query|operations)$/.test(String(one["meter"])) ? undefined : one));
    const { failures, inputs } = await preview(given({ prices }));
    expect(failures).toEqual([{ property: "prices", reason: expect.stringMatching(/no price for source\.query/) }]);
    await expect(handler().create(inputs)).rejects.toMatchObject({ code: "PriceUnknown" });
    expect(world.dataWrites).toBe(0);
  });

  it.each<[string, () => string, RegExp]>([
    ["is not there", () => world.file("none.yaml"), /none\.yaml cannot be read .* docs\/cost\.md shows the form/],
    ["nobody filled in", () => pricesFile((one) => ({ ...one, amount: null })), /amount of .* is not filled in/],
  ])("fails the preview for a price file that %s, before anybody is asked", async (_, file, reason) => {
    const { failures } = await preview(given({ prices: file() }));
    expect(failures).toEqual([{ property: "prices", reason: expect.stringMatching(reason) }]);
    expect(asked).toEqual([]);
  });

  it.each<[string, number]>([
    ["rowsPerSecond", 0], ["copyThroughput", 0], ["steadyThroughput", 0], ["regions", 0], ["regions", 1.5],
  ])("refuses a plan whose %s is %d, which would make a time or a cost out of nothing", async (name, value) => {
    const { failures } = await preview(given({ movePlan: { [name]: value } }));
    expect(failures).toMatchObject([{ property: `movePlan.${name}` }]);
  });

  it("tells in the preview and in the log of prices that were looked up long ago", async () => {
    const { inputs, plan } = await preview(given({ prices: pricesFile((one) => ({ ...one, date: "2019-05-01" })) }));
    expect(plan.text).toMatch(/older than 12 months/);
    await reportOf(inputs);
    expect(said.join("\n")).toMatch(/older than 12 months/);
  });

  it("is nobody's guess in a live move: only what was used is in the report", async () => {
    const { inputs, plan } = await preview(given({ phase: "sync", deletes: "propagate" }));
    expect(plan.text).toBe("7 rows to copy");
    const report = await reportOf(inputs);
    expect(report.used).toBeDefined();
    expect(report).not.toHaveProperty("estimate");
  });

  it("says nothing of cost where nothing is to be copied", async () => {
    await reportOf((await preview(given())).inputs);
    expect((await preview(given())).plan.text).toBe("nothing to copy");
  });
});
