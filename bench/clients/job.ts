/** What a client is to do; handed over in the environment as JSON, since it holds credentials. */
export interface Job {
  readonly sourceEndpoint: string;
  readonly destinationEndpoint: string;
  /** Without `?`. */
  readonly sourceSas: string;
  readonly destinationSas: string;
  readonly tables: readonly string[];
  /** Rows to copy, for clients that stop early. */
  readonly rows: number;
  /** Requests under way at once; absent: the client's default. */
  readonly inFlight?: number;
  /** Batches of 100 where true; one row a request otherwise. */
  readonly batches?: boolean;
}

/** What a client found out about itself: the last line on its stdout. */
export interface ClientResult {
  readonly rows: number;
  /** Of the work alone: from the first request to the last answer. */
  readonly elapsedMs: number;
  /** User and system, of the whole process from its start to its end. */
  readonly cpuUs: number;
  /** The part of it before the work began: loading the program. */
  readonly startCpuUs: number;
  /** The most memory the process ever had, in KiB. */
  readonly rssKib: number;
  /** What went wrong, as the client tells its user. */
  readonly errors: readonly string[];
}

export const JOB_VARIABLE = "LANDBRIDGE_BENCH_JOB";

export function readJob(): Job {
  const text = process.env[JOB_VARIABLE];
  if (text === undefined) throw new Error(`${JOB_VARIABLE} is not set: bench/main.ts starts the clients.`);
  return JSON.parse(text) as Job;
}

/** Does the work, and tells what it took once the process ends, so that nothing it spends is left out. */
export async function measured(
  work: () => Promise<{ readonly rows: number; readonly errors?: readonly string[] }>,
): Promise<void> {
  const { user, system } = process.cpuUsage();
  const start = performance.now();
  const { rows, errors = [] } = await work();
  const elapsedMs = performance.now() - start;
  process.on("exit", () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const result: ClientResult = {
      rows,
      elapsedMs,
      cpuUs: userCPUTime + systemCPUTime,
      startCpuUs: user + system,
      rssKib: maxRSS,
      errors,
    };
    process.stdout.write(`${JSON.stringify(result)}\n`);
  });
}
