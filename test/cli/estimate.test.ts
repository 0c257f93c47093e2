import { readFileSync, writeFileSync } from "node:fs";

import type { Span } from "../../migration/engine/estimate/span";
import { REQUEST_KINDS } from "../../migration/engine/usage";
import { checkReport } from "../../migration/report/check";
import { renderHtml } from "../../migration/report/html/page";
import { COSMOS, serve, SimulatedTableService } from "../simulated";
import { priceFile } from "./priceFile";
import { cities, World } from "./world";

const holds = ({ low, high = Infinity }: Span, real: number) => low <= real && real <= high;

describe("what a move will take, and what it took", () => {
  let world: World;

  beforeEach(async () => {
    world = await World.start();
  });

  afterEach(() => world.stop());

  const write = (text: string) => {
    writeFileSync(world.file("prices.json"), text);
    return world.file("prices.json");
  };

  const reportOf = async (...options: string[]) => {
    const result = await world.cli(["copy", "--all", "--report", world.file("r.json"), ...options]);
    expect(result.stderr).not.toMatch(/Error/);
    return { result, report: checkReport(readFileSync(world.file("r.json"), "utf8"), "r.json") };
  };

  it.each([
    ["a few rows", async () => world.put("source", "Cities", cities(7))],
    ["batches", async () => world.fill("source", "Cities", 45)],
    ["two tables, and rows that go alone", async () => {
      await world.fill("source", "Cities", 12);
      const alone = Array.from({ length: 300 }, (_, at) => ({ PartitionKey: `p${at}`, RowKey: "r" }));
      await world.put("source", "Towns", alone);
    }],
  ])("lies in the ranges that were told, kind by kind: %s", async (_, seed) => {
    await seed();
    const { report } = await reportOf("--prices", write(priceFile()));
    const { estimate, used, cost } = report;
    if (!estimate || !used || !cost?.used) throw new Error("nothing was reckoned");
    for (const side of ["source", "destination"] as const) {
      const wrong = REQUEST_KINDS.filter((kind) => !holds(estimate[side].requests[kind], used[side].requests[kind]));
      expect({ side, wrong, told: estimate[side].requests, used: used[side].requests }).toMatchObject({ wrong: [] });
      expect(estimate[side].bytesReceived.low).toBeLessThanOrEqual(used[side].bytesReceived);
      expect(estimate[side].bytesReceived.high).toBeGreaterThanOrEqual(used[side].bytesReceived);
    }
    const rows = report.tables.reduce((sum, table) => sum + table.source.count, 0);
    expect(estimate.tables.reduce((sum, table) => sum + (table.entities.high ?? 0), 0)).toBe(rows);
    expect(holds(cost.move.total, cost.used.total.low)).toBe(true);
    expect(renderHtml(report)).toMatch(/Time and cost.*Expected.*Used.*requests to the source.*EUR.*a month after/s);
  });

  it("counts what the service was sent, neither more nor less", async () => {
    await world.fill("source", "Cities", 3);
    world.service.clearLog();
    const { report } = await reportOf();
    for (const [side, account] of [["source", "contoso"], ["destination", "fabrikam"]] as const) {
      const sent = world.service.log.filter((entry) => entry.account === account);
      const { requests } = report.used?.[side] ?? {};
      expect(Object.values(requests ?? {}).reduce((sum, count) => sum + count, 0)).toBe(sent.length);
      expect(requests?.batch).toBe(sent.filter(({ path }) => path === "$batch").length);
    }
    // Nobody asked what it would take.
    expect(report.estimate).toBeUndefined();
  });

  it("adds up the units that Cosmos DB says it charged, in the range that was told", async () => {
    await world.fill("source", "Cities", 20);
    const cosmos = new SimulatedTableService({ accounts: [{ name: "northwind" }], profile: COSMOS });
    const server = await serve(cosmos);
    const [key] = cosmos.account("northwind").keys;
    const text = `AccountName=northwind;AccountKey=${key};TableEndpoint=${server.endpoint("northwind")};Dialect=cosmos`;
    const env = { ...world.env, LANDBRIDGE_DESTINATION: text };
    const options = ["--prices", write(priceFile()), "--report", world.file("r.json")];
    const unsaid = await world.cli(["copy", "--all", ...options], { env });
    expect(unsaid.exitCode).toBe(2);
    expect(unsaid.stderr).toContain("Give --copy-throughput");
    const done = await world.cli(["copy", "--all", ...options, "--copy-throughput", "4000"], { env });
    await server.close();
    expect(done.exitCode).toBe(0);
    const { estimate, used, cost } = checkReport(readFileSync(world.file("r.json"), "utf8"), "r.json");
    const { requestUnits = NaN } = used?.destination ?? {};
    expect(holds(estimate?.destination.requestUnits ?? { low: Infinity }, requestUnits)).toBe(true);
    // 40 hundreds at 0.50: one hour idle at a tenth of it, or two busy ones that the copy lay in.
    const line = cost?.used?.lines.find(({ meter }) => meter === "destination.throughput");
    expect(line?.amount).toEqual({ low: 2, high: 40 });
    // What is left after it nobody said: at least a hundredth, all hours of a month, and never storage alone.
    const least = (40 * 0.01 * 730) * 0.5;
    const month = cost?.month.lines.find(({ meter }) => meter === "destination.throughput");
    expect([month?.amount.low, month?.amount.high, cost?.month.total.high]).toEqual([least, undefined, undefined]);
  });

  it("is told by a preflight with its sources, and only told to be unknown without prices", async () => {
    await world.put("source", "Cities", cities(3));
    const unknown = await world.cli(["preflight", "--all"]);
    expect(unknown.stdout).toMatch(/Table Cities: 3 entities, .* \(all of them read\)/);
    expect(unknown.stdout).toContain("cost is not known without a price file");
    const { stdout, exitCode } = await world.cli(["preflight", "--all", "--prices", write(priceFile())]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/It costs: .* EUR/);
    expect(stdout).toMatch(/source\.query .*\(0\.5 for 10,000 operations, .*, a test\)/);
  });

  it("is reckoned by a copy that is told a rate and no price, as by one with prices", async () => {
    await world.put("source", "Cities", cities(30));
    const { report } = await reportOf("--rows-per-second", "10");
    expect(report.estimate).toMatchObject({ seconds: { low: 3, high: 3 }, plan: { rowsPerSecond: 10 } });
    expect(report.cost).toBeUndefined();
  });

  it("never takes an unknown price for nothing: the meter is named before anything is written", async () => {
    await world.put("source", "Cities", cities(3));
    const file = write(priceFile((one) => (/^source\.(query|operations)$/.test(String(one.meter)) ? undefined : one)));
    const { exitCode, stderr } = await world.cli(["copy", "--all", "--prices", file]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/no price for source\.query.*not taken for nothing.*Add a price for source\.query/);
    expect(world.dataWrites).toBe(0);
    const asked = await world.cli(["preflight", "--all", "--prices", file]);
    expect(asked.exitCode).toBe(2);
    expect(asked.stderr).toContain("no price for source.query");
    // Minutes went into what was found beside it.
    expect(asked.stdout).toMatch(/Ready.*Table Cities: 3 entities.*Its cost is not known: the error below/s);
  });

  it("warns of prices that were looked up long ago, and goes on", async () => {
    await world.put("source", "Cities", cities(3));
    const file = write(priceFile((one) => ({ ...one, date: "2019-05-01" })));
    const { exitCode, stderr } = await world.cli(["preflight", "--all", "--prices", file]);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/Warning: .*older than 12 months.*2019-05-01\. Look them up again/);
  });

  it("warns of a price that is dated ahead, which would never be told to be old", async () => {
    await world.put("source", "Cities", cities(3));
    const file = write(priceFile((one) => ({ ...one, date: "2099-05-01" })));
    const { exitCode, stderr } = await world.cli(["preflight", "--all", "--prices", file]);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/Warning: .*is of 2099-05-01, which is still to come.*Correct the date/);
  });

  it.each([
    ["two currencies", (one: Record<string, unknown>) =>
      (one["meter"] === "source.read" ? { ...one, currency: "USD" } : one), /EUR and USD|USD and EUR/],
    ["a unit that is not the meter's", (one: Record<string, unknown>) =>
      (one["meter"] === "source.egress" ? { ...one, unit: "TB" } : one), /"TB" of source\.egress is not one of: GB/],
    ["a meter that there is not", (one: Record<string, unknown>) =>
      (one["meter"] === "source.read" ? { ...one, meter: "source.reads" } : one), /"source\.reads" is no meter/],
    ["no source", (one: Record<string, unknown>) => ({ ...one, source: "" }), /Say where the price comes from/],
    ["a negative amount", (one: Record<string, unknown>) => ({ ...one, amount: -0.5 }),
      /prices\.0\.amount: -0\.5 will not do\. Write a number that is not negative/],
    ["an amount in words", (one: Record<string, unknown>) => ({ ...one, amount: "0,50" }),
      /prices\.0\.amount: "0,50" will not do\. Write a number/],
    ["no unit", ({ meter, amount }: Record<string, unknown>) => ({ meter, amount }), /prices\.0\.unit: is missing\. W/],
    ["a field that there is not", (one: Record<string, unknown>) => ({ ...one, price: 1 }),
      /prices\.0: Unrecognized key: "price"\. docs\/cost\.md shows/],
    ["no date", (one: Record<string, unknown>) => ({ ...one, date: "yesterday" }), /the day on which it was looked up/],
    ["what nobody filled in", (one: Record<string, unknown>) => ({ ...one, amount: null }),
      /amount of .* is not filled/],
    ["the same meter twice", (one: Record<string, unknown>) => ({ ...one, meter: "source.read",
      unit: "10,000 operations" }), /two prices for source\.read/],
  ])("refuses a price file with %s", async (_, change, message) => {
    const { exitCode, stderr } = await world.cli(["preflight", "--all", "--prices", write(priceFile(change))]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });

  it.each([
    ["is cut off", "version: 1\nprices: [", /^Error: \S+ is neither YAML nor JSON: .* at line 2, .*form\.\n$/],
    ["is empty", "", /at the top: null will not do\. Write `version: 1` and a list, `prices`\./],
    ["has no number", priceFile().replace('"amount":0.5', '"amount":.inf'), /amount: Infinity will not do/],
  ])("refuses a price file that %s, in one line", async (_, content, message) => {
    const { exitCode, stderr } = await world.cli(["preflight", "--all", "--prices", write(content)]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });

  it("ships a template that is refused until somebody has filled it in", async () => {
    const { stderr } = await world.cli(["preflight", "--all", "--prices", "docs/prices.template.yaml"]);
    expect(stderr).toMatch(/is not filled in/);
  });
});
