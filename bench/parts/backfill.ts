import { nodeClient } from "../client";
import type { Settings } from "../options";
import type { Say } from "../output";
import type { Comparison } from "../protocol";
import type { ServerProcess } from "../serverProcess";
import { sampleClient } from "../sample";

/** One run of `landbridge sync` over a table of which a part changed since the run before. */
export interface BackfillResult {
  readonly rows: number;
  /** Part of the rows that changed, 0 to 1. */
  readonly share: number;
  /** Rows that the run wrote. */
  readonly written: number;
  readonly elapsedMs: number;
  /** CPU of the client and of the server, in microseconds for each row of the table. */
  readonly cpuUsPerRow: number;
  readonly serverCpuUsPerRow: number;
  readonly rssMib: number;
  readonly comparison: Comparison;
  readonly errors: readonly string[];
}

const TABLE = "Followed";
const SHAPE = "batchable";
const SHARES = [0.001, 0.01, 0.1] as const;

/** Between two runs, by the service's clock: what changed just before the last one would be read once more. */
const APART_MS = 5.5 * 60_000;

/** A first copy, then runs that follow changes: Timestamp is not indexed, so each of them scans the source. */
export async function runBackfill(
  server: ServerProcess, { backfillRows: rows }: Settings, say: Say,
): Promise<readonly BackfillResult[]> {
  await server.ask({ do: "budget" });
  for (const side of ["source", "destination"] as const) await server.ask({ do: "reset", side });
  await server.seed({ side: "source", table: TABLE, shape: SHAPE, rows });
  const task = { tables: [TABLE], rows };
  const first = await sampleClient(server, nodeClient("landbridge", "sync"), task);
  const { errors } = first;
  if (first.rows !== rows) throw new Error(`The first copy wrote ${first.rows} of ${rows} rows: ${errors.join()}`);
  const results: BackfillResult[] = [];
  for (const [at, share] of SHARES.entries()) {
    await server.ask({ do: "later", ms: APART_MS });
    const changing = { everyRows: Math.round(1 / share), revision: at + 1 };
    await server.ask({ do: "change", side: "source", table: TABLE, shape: SHAPE, rows, changing });
    const sample = await sampleClient(server, nodeClient("landbridge", "sync"), task);
    const comparison = await server.compare(TABLE, rows);
    say(`backfill, ${share * 100} % of ${rows} rows changed: ${(sample.elapsedMs / 1_000).toFixed(1)} s, ` +
      `${sample.rows} written${sample.errors.map((error) => `\n  ${error}`).join("")}`);
    if (sample.errors.length > 0) throw new Error(`A run failed: ${sample.errors.join()}`);
    results.push({
      rows, share, written: sample.rows, elapsedMs: sample.elapsedMs, cpuUsPerRow: sample.cpuUs / rows,
      serverCpuUsPerRow: sample.serverCpuUs / rows, rssMib: sample.rssKib / 1024, comparison, errors: sample.errors,
    });
  }
  for (const side of ["source", "destination"] as const) await server.ask({ do: "reset", side });
  return results;
}
