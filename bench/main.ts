/** `npm run bench`: landbridge beside the official SDKs on the simulated service. bench/README.md says how. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BenchOptions, Settings } from "./options";
import { PARTS, readOptions } from "./options";
import { print, say } from "./output";
import { writePage } from "./page";
import { runBackfill } from "./parts/backfill";
import { runHot, runUneven } from "./parts/budgets";
import { runCopy } from "./parts/copy";
import { runGrowth } from "./parts/growth";
import { runVerify } from "./parts/verify";
import { pythonClient } from "./python";
import { requirementsOf } from "./requirements";
import type { Results } from "./results";
import { thisMachine } from "./results";
import { ServerProcess } from "./serverProcess";
import { tablesOf } from "./tables";

function wantsPython({ python, only, shapes, contenders }: BenchOptions): boolean {
  const isContender = contenders === undefined || contenders.includes("pythonTutorial");
  const hasScene = shapes === undefined || shapes.includes("batchable");
  return python && isContender && hasScene && (only === undefined || only.includes("copy"));
}

async function settingsOf(options: BenchOptions): Promise<{ readonly settings: Settings; readonly skipped: string[] }> {
  const python = wantsPython(options) ? await pythonClient(say) : undefined;
  if (typeof python === "string") say(python);
  const settings: Settings = {
    parts: options.only ?? PARTS,
    rounds: options.rounds,
    rows: options.rows,
    shapes: options.shapes ?? ["batchable", "scattered"],
    latenciesMs: options.latencies ?? [0, 5],
    growthRows: options.growth ?? [10_000, 100_000, 1_000_000],
    hotRows: options.hotRows,
    unevenRows: options.unevenRows,
    backfillRows: options.backfillRows,
    ...(options.contenders !== undefined && { contenders: options.contenders }),
    ...(python !== undefined && typeof python !== "string" && { python }),
  };
  return { settings, skipped: typeof python === "string" ? [python] : [] };
}

async function measure(settings: Settings, skipped: readonly string[]): Promise<Results> {
  const startedAt = new Date();
  const server = await ServerProcess.start();
  const wanted = (part: Settings["parts"][number]) => settings.parts.includes(part);
  try {
    const parts = {
      ...(wanted("copy") && { copy: await runCopy(server, settings, say) }),
      ...(wanted("verify") && { verify: await runVerify(server, settings, say) }),
      ...(wanted("growth") && { growth: await runGrowth(server, settings, say) }),
      ...(wanted("hot") && { hot: await runHot(server, settings, say) }),
      ...(wanted("uneven") && { uneven: await runUneven(server, settings, say) }),
      ...(wanted("backfill") && { backfill: await runBackfill(server, settings, say) }),
    };
    const { parts: asked, rounds, rows } = settings;
    const durationMs = Date.now() - startedAt.getTime();
    const about = { startedAt: startedAt.toISOString(), durationMs, machine: thisMachine() };
    return { ...about, settings: { parts: asked, rounds, rows }, ...parts, skipped };
  } finally {
    await server.stop();
  }
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const { settings, skipped } = await settingsOf(options);
  const results = await measure(settings, skipped);
  const tables = tablesOf(results);
  print(tables);
  const name = `${results.startedAt.slice(0, 19).replaceAll(":", "-")}.json`;
  const file = options.json ?? join(__dirname, "results", name);
  await mkdir(dirname(file), { recursive: true });
  const whole = { ...results, requirements: requirementsOf(results) };
  await writeFile(file, `${JSON.stringify(whole, undefined, 2)}\n`);
  if (options.write !== undefined) await writePage(options.write, tables);
}

main().catch((error: unknown) => {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
});
