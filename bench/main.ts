/** `npm run bench`: landbridge beside the official SDKs on the simulated service. bench/README.md says how. */
import type { Settings } from "./options";
import { PARTS, readOptions } from "./options";
import { print, say } from "./output";
import { runCopy } from "./parts/copy";
import { ServerProcess } from "./serverProcess";

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const settings: Settings = {
    parts: options.only ?? PARTS,
    rounds: options.rounds,
    rows: options.rows,
    shapes: options.shapes ?? ["batchable", "scattered"],
    latenciesMs: options.latencies ?? [0, 5],
    growthRows: options.growth ?? [10_000, 100_000, 1_000_000],
    hotRows: options.hotRows,
    unevenRows: options.unevenRows,
    ...(options.contenders !== undefined && { contenders: options.contenders }),
  };
  const server = await ServerProcess.start();
  try {
    const copy = settings.parts.includes("copy") ? await runCopy(server, settings, say) : [];
    print(JSON.stringify(copy, undefined, 1));
  } finally {
    await server.stop();
  }
}

void main();
