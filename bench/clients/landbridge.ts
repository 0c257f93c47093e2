/**
 * Landbridge on its real path: the run that the command line and the resources make, with journal, lease, receipts and
 * intents. `copy` proves nothing afterwards (`level: none`); `verify` compares every row of both sides; `sync` follows
 * what changed since the last run.
 */
import { execute } from "../../migration/run/execute";
import type { Job } from "./job";
import { measured, readJob } from "./job";

const job = readJob();
const command = (["verify", "sync"] as const).find((one) => one === process.argv[2]) ?? "copy";

const url = (endpoint: string, sas: string) => `${endpoint}?${sas}`;

type Outcome = NonNullable<Awaited<ReturnType<typeof execute>>["outcome"]>;

/** Rows written, or rows of both sides that were compared. */
function rowsOf({ tables }: Outcome): number {
  const of = ({ written, source, destination }: Outcome["tables"][number]) =>
    command === "verify" ? source.count + destination.count : written;
  return tables.reduce((sum, table) => sum + of(table), 0);
}

async function run({ inFlight, tables }: Job): Promise<{ readonly rows: number; readonly errors: readonly string[] }> {
  const { outcome, error } = await execute({
    command,
    ...(command === "sync" && { sync: { phase: "sync" } }),
    source: { text: url(job.sourceEndpoint, job.sourceSas), origin: "the bench's source" },
    destination: { text: url(job.destinationEndpoint, job.destinationSas), origin: "the bench's destination" },
    selection: { names: tables, mode: "replace", overrides: [] },
    deletes: command === "sync" ? "propagate" : "report",
    conflicts: "refuse",
    level: command === "verify" ? "full" : "none",
    ...(inFlight !== undefined && { concurrency: inFlight }),
  });
  const errors = [error, ...(outcome?.tables ?? []).map((table) => table.error)].flatMap((one) => one?.message ?? []);
  if (command === "verify" && outcome?.verdict !== "equal") errors.push(`the verdict is ${outcome?.verdict}`);
  return { rows: outcome === undefined ? 0 : rowsOf(outcome), errors };
}

void measured(() => run(job));
