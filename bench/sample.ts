import type { Client } from "./client";
import { runClient } from "./client";
import type { ClientResult, Job } from "./clients/job";
import type { Comparison } from "./protocol";
import type { ServerProcess } from "./serverProcess";
import type { Spread } from "./statistics";
import { spread } from "./statistics";

/** One run of one client, with what it cost the server and how its rows arrived. */
export interface Sample extends ClientResult {
  readonly serverCpuUs: number;
  readonly comparison?: Comparison;
}

export interface Task {
  readonly tables: readonly string[];
  readonly rows: number;
  readonly inFlight?: number;
  readonly batches?: boolean;
}

export function jobOf({ place }: ServerProcess, task: Task): Job {
  const { sourceEndpoint, destinationEndpoint, sourceSas, destinationSas } = place;
  return { sourceEndpoint, destinationEndpoint, sourceSas, destinationSas, ...task };
}

/** Runs a client between two looks at the server's clock. */
export async function sampleClient(server: ServerProcess, client: Client, task: Task): Promise<Sample> {
  const before = await server.usage();
  const result = await runClient(client, jobOf(server, task));
  const after = await server.usage();
  return { ...result, serverCpuUs: after.cpuUs - before.cpuUs };
}

/** A copy into an empty destination, and how it arrived. */
export async function sampleCopy(server: ServerProcess, client: Client, task: Task): Promise<Sample> {
  await server.ask({ do: "reset", side: "destination" });
  const sample = await sampleClient(server, client, task);
  const [table = ""] = task.tables;
  return { ...sample, comparison: await server.compare(table, task.rows) };
}

/** Several samples of one client, as the tables show them. */
export interface Figures {
  readonly rows: number;
  readonly rowsPerSecond: Spread;
  /** CPU of the client per row, its start included. */
  readonly clientCpuUs: Spread;
  /** The same without the start: what each further row costs. */
  readonly workCpuUs: Spread;
  readonly serverCpuUs: Spread;
  readonly rssMib: Spread;
  /** Of the last sample; the worst of them would be another one only if the client were not deterministic. */
  readonly comparison?: Comparison;
  readonly errors: readonly string[];
}

export function figuresOf(samples: readonly Sample[]): Figures {
  const of = (read: (sample: Sample) => number) => spread(samples.map(read));
  const comparison = samples.at(-1)?.comparison;
  return {
    rows: samples[0]?.rows ?? 0,
    rowsPerSecond: of(({ rows, elapsedMs }) => (rows * 1_000) / elapsedMs),
    clientCpuUs: of(({ rows, cpuUs }) => cpuUs / rows),
    workCpuUs: of(({ rows, cpuUs, startCpuUs }) => (cpuUs - startCpuUs) / rows),
    serverCpuUs: of(({ rows, serverCpuUs }) => serverCpuUs / rows),
    rssMib: of(({ rssKib }) => rssKib / 1024),
    ...(comparison !== undefined && { comparison }),
    errors: [...new Set(samples.flatMap(({ errors }) => errors))],
  };
}
