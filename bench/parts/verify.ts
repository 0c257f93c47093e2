import { nodeClient } from "../client";
import type { Settings } from "../options";
import type { Say } from "../output";
import type { Figures, Sample } from "../sample";
import { figuresOf, sampleClient } from "../sample";
import type { ServerProcess } from "../serverProcess";

export interface VerifyResult {
  readonly latencyMs: number;
  /** Rows are those of both sides together. */
  readonly figures: Figures;
}

const TABLE = "Verified";

/** `verify` at level full over two equal sides: every row of both is read, digested and compared. */
export async function runVerify(server: ServerProcess, settings: Settings, say: Say): Promise<readonly VerifyResult[]> {
  const { rows, rounds, latenciesMs } = settings;
  await server.ask({ do: "budget" });
  for (const side of ["source", "destination"] as const) {
    await server.ask({ do: "reset", side });
    await server.seed({ side, table: TABLE, shape: "batchable", rows });
  }
  const taken = latenciesMs.map((latencyMs) => ({ latencyMs, samples: [] as Sample[] }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const { latencyMs, samples } of taken) {
      await server.ask({ do: "latency", ms: latencyMs });
      const sample = await sampleClient(server, nodeClient("landbridge", "verify"), { tables: [TABLE], rows });
      samples.push(sample);
      say(`verify, ${latencyMs} ms, round ${round}: ${Math.round((sample.rows * 1_000) / sample.elapsedMs)} rows/s` +
        sample.errors.map((error) => `\n  ${error}`).join(""));
    }
  }
  await server.ask({ do: "latency", ms: 0 });
  return taken.map(({ latencyMs, samples }) => ({ latencyMs, figures: figuresOf(samples) }));
}
