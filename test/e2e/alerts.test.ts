import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { failureQuery, lagQuery } from "../../components/azure/containerJob";
import { syncArguments } from "../../components/syncCommand";
import { PHASE_DEFAULTS } from "../../components/config/phase";
import { CliWorld, type Finished } from "./service";

/** The regular expressions of a query, as Kusto reads them: verbatim texts. */
function patternsOf(query: string): readonly RegExp[] {
  return [...query.matchAll(/@'(?<pattern>[^']+)'/g)].map(({ groups }) => new RegExp(groups?.["pattern"] ?? "", "g"));
}

/** Both streams go to the console log, a row a line. */
function linesOf({ stdout, stderr }: Finished): readonly string[] {
  return `${stdout}\n${stderr}`.split("\n").filter((line) => line !== "");
}

function failuresIn(run: Finished): readonly string[] {
  return linesOf(run).filter((line) => patternsOf(failureQuery()).some((pattern) => line.search(pattern) >= 0));
}

function lagsIn(run: Finished): readonly number[] {
  const [pattern = /$^/g] = patternsOf(lagQuery());
  return linesOf(run).flatMap((line) => [...line.matchAll(pattern)].map(([, lag]) => Number(lag)));
}

describe("what the schedule's alerts look for, in what the scheduled command really prints", () => {
  const sync = syncArguments({
    tables: [{ table: "Cities" }, { table: "Towns" }],
    phases: { phase: "sync", ...PHASE_DEFAULTS },
    deletes: "propagate",
    conflicts: "refuse",
  });
  let world: CliWorld;
  let folder: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "landbridge-alerts-"));
    world = await CliWorld.open();
    for (const table of ["Cities", "Towns"]) {
      world.service.account("contoso").seedJson(table, ['{"PartitionKey":"a","RowKey":"1","name":"x"}']);
    }
  });

  afterEach(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("finds the lag of every table in a run that went well, and no failure", async () => {
    const run = await world.run(sync);
    expect(run.code).toBe(0);
    expect(failuresIn(run)).toEqual([]);
    expect(lagsIn(run)).toHaveLength(2);
    for (const lag of lagsIn(run)) expect(lag).toBeLessThan(60_000);
  });

  it("finds a failure, and no lag, where the credential is wrong", async () => {
    const wrong = world.connectionString("contoso").replace("AccountKey=", "AccountKey=AAAA");
    const run = await world.run(sync, { env: { LANDBRIDGE_SOURCE: wrong } });
    expect(run.code).toBe(2);
    expect(failuresIn(run).length).toBeGreaterThan(0);
    expect(lagsIn(run)).toEqual([]);
  });

  it("finds a failure where somebody has to decide conflicts, which no error tells", async () => {
    world.service.account("fabrikam").seedJson("Cities", ['{"PartitionKey":"a","RowKey":"1","name":"other"}']);
    const run = await world.run(sync);
    expect(run.code).toBe(1);
    expect(failuresIn(run).length).toBeGreaterThan(0);
  });

  it("on a host tells lag by the last report's watermark: it grows while no run moves it", async () => {
    const report = join(folder, "last.json");
    expect((await world.run([...sync, "--report", report])).code).toBe(0);
    const look = ["report", report, "--quiet", "--lag-minutes-max", "5"];
    expect(await world.run(look)).toMatchObject({ code: 0, stderr: "" });
    const hour = await world.run(look, { env: { LANDBRIDGE_SOURCE: "", NODE_OPTIONS: `--require ${later(folder)}` } });
    expect(hour.code).toBe(1);
    expect(hour.stderr).toMatch(/Cities lags by 1h.*Towns lags by 1h.*5 minutes are the most/);
    expect(readFileSync(report, "utf8")).toContain('"watermark"');
  });
});

/** A module that puts a process an hour ahead. */
function later(folder: string): string {
  const file = join(folder, "later.js");
  const text = "const now = Date.now; Date.now = () => now() + 3_600_000;\n";
  writeFileSync(file, text);
  return file;
}
