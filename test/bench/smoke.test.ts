import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Results } from "../../bench/results";
import type { Requirement } from "../../bench/requirements";

const run = promisify(execFile);
const MAIN = join(__dirname, "..", "..", "bench", "main.ts");
const ROWS = 600;

describe("the bench, with few rows and one round", () => {
  let folder: string;
  let page: string;
  let tables: string;
  let results: Results & { readonly requirements: readonly Requirement[] };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "landbridge-bench-"));
    const [json, markdown] = [join(folder, "results.json"), join(folder, "page.md")];
    await writeFile(markdown, "before\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nafter\n");
    const args = [
      "--no-python", "--rounds", "1", "--rows", String(ROWS), "--growth", "200,400", "--hot-rows", "500",
      "--uneven-rows", "600", "--backfill-rows", "1000", "--latencies", "0", "--json", json, "--write", markdown,
    ];
    const { stdout } = await run(process.execPath, ["--require", require.resolve("tsx/cjs"), MAIN, ...args]);
    tables = stdout;
    page = await readFile(markdown, "utf8");
    results = JSON.parse(await readFile(json, "utf8"));
  }, 180_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("sees every row of every contender arrive, and none of landbridge's altered", () => {
    const { copy = [] } = results;
    const names = copy.map(({ contender, shape }) => `${contender} ${shape}`).sort();
    expect(names).toEqual([
      "landbridge batchable", "landbridge scattered", "sdkTuned batchable", "sdkTuned scattered",
      "sdkTutorial batchable",
    ]);
    for (const { contender, figures } of copy) {
      expect([contender, figures.rows, figures.comparison?.arrived, figures.comparison?.missing, figures.errors])
        .toEqual([contender, ROWS, ROWS, 0, []]);
      if (contender === "landbridge") expect(figures.comparison?.altered).toBe(0);
      // The SDK cuts 100 ns from every time: a comparison that does not see it sees nothing.
      else expect(figures.comparison?.altered).toBe(ROWS);
    }
  });

  it("reads both sides to verify, and calls them equal", () => {
    expect(results.verify?.map(({ figures }) => [figures.rows, figures.errors])).toEqual([[2 * ROWS, []]]);
  });

  it("copies ever larger tables, a hot partition and uneven tables whole and without an error", () => {
    expect(results.growth?.map(({ rows, figures }) => [rows, figures.rows, figures.comparison?.missing])).toEqual([
      [200, 200, 0], [400, 400, 0],
    ]);
    expect(results.hot).toMatchObject({ rows: 500, missing: 0, errors: [] });
    expect(results.uneven).toMatchObject({ tables: 50, missing: 0, errors: [] });
  });

  it("follows exactly the rows that changed, and leaves both sides alike", () => {
    expect(results.backfill?.map(({ written, comparison }) => [written, comparison.altered, comparison.missing]))
      .toEqual([[1, 0, 0], [10, 0, 0], [100, 0, 0]]);
  });

  it("measures time, CPU and memory of client and server, within what a computer can do", () => {
    for (const { figures } of [...(results.copy ?? []), ...(results.verify ?? []), ...(results.growth ?? [])]) {
      const { rowsPerSecond, clientCpuUs, workCpuUs, serverCpuUs, rssMib } = figures;
      expect(rowsPerSecond.median).toBeGreaterThan(1);
      expect(rowsPerSecond.median).toBeLessThan(10_000_000);
      expect(workCpuUs.median).toBeGreaterThan(0.1);
      expect(clientCpuUs.median).toBeGreaterThan(workCpuUs.median);
      expect(serverCpuUs.median).toBeGreaterThan(0.1);
      expect(rssMib.median).toBeGreaterThan(20);
      expect(rssMib.median).toBeLessThan(2_000);
    }
  });

  it("names every number that was asked for, and writes the same tables to the page and to the terminal", () => {
    expect(results.requirements.map(({ what }) => what.split(/[,:(]/)[0]?.trim())).toEqual([
      "Copy", "Copy", "Client CPU per entity", "Rows that landbridge altered or lost",
      "The server costs less CPU than any client", "Verification of two sides", "Memory",
      "Memory flat from 200 to 400 entities", "One hot partition", "50 uneven tables",
    ]);
    expect(page.startsWith("before\n<!-- bench: begin -->\n")).toBe(true);
    expect(page.endsWith("<!-- bench: end -->\nafter\n")).toBe(true);
    expect(page).not.toContain("old");
    expect(page).toContain(tables.trim());
  });
});
