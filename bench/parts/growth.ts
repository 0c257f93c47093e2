import { nodeClient } from "../client";
import type { Settings } from "../options";
import type { Say } from "../output";
import type { Figures, Sample } from "../sample";
import { figuresOf, sampleCopy } from "../sample";
import type { ServerProcess } from "../serverProcess";

export interface GrowthResult {
  readonly rows: number;
  readonly figures: Figures;
}

const TABLE = "Growing";
/** The largest takes long, and what matters here is memory, which varies little. */
const ROUNDS_MAX = 3;

/** Copies of ever larger tables: time, CPU and memory should not care. */
export async function runGrowth(server: ServerProcess, settings: Settings, say: Say): Promise<readonly GrowthResult[]> {
  const results: GrowthResult[] = [];
  await server.ask({ do: "budget" });
  for (const rows of settings.growthRows) {
    await server.ask({ do: "reset", side: "source" });
    await server.seed({ side: "source", table: TABLE, shape: "batchable", rows });
    const samples: Sample[] = [];
    for (let round = 1; round <= Math.min(settings.rounds, ROUNDS_MAX); round += 1) {
      const sample = await sampleCopy(server, nodeClient("landbridge"), { tables: [TABLE], rows });
      samples.push(sample);
      say(`growth, ${rows} rows, round ${round}: ${Math.round((rows * 1_000) / sample.elapsedMs)} rows/s, ` +
        `${Math.round(sample.rssKib / 1024)} MiB${sample.errors.map((error) => `\n  ${error}`).join("")}`);
    }
    results.push({ rows, figures: figuresOf(samples) });
  }
  for (const side of ["source", "destination"] as const) await server.ask({ do: "reset", side });
  return results;
}
