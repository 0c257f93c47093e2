import type { BudgetSecond, RowBudget } from "../../test/simulated";
import { STORAGE_BUDGET } from "../../test/simulated";
import { nodeClient } from "../client";
import type { Settings } from "../options";
import type { Say } from "../output";
import type { Sample } from "../sample";
import { sampleClient } from "../sample";
import type { ServerProcess } from "../serverProcess";

/** How a copy used the throughput that it was allowed. */
export interface BudgetResult {
  readonly tables: number;
  readonly rows: number;
  /** Rows a second that the service admits: of the partition, or of the account. */
  readonly limit: number;
  /** Share of it that was used, 0 to 1. */
  readonly share: number;
  /** Requests that the service refused with 503 while the copy found and kept its pace. */
  readonly refusals: number;
  /** Rows that are not there in the end. */
  readonly missing: number;
  readonly elapsedMs: number;
  readonly cpuUsPerRow: number;
  /** What reached the user. */
  readonly errors: readonly string[];
  /** Rows that the destination admitted, second by second. */
  readonly perSecond: readonly number[];
}

/**
 * The documented numbers, and little to save up: otherwise a short run lives on its burst. They count transactions, and
 * a page of a thousand rows is one, so reading is left out; each row written in a batch counts.
 */
const BUDGET: RowBudget = { ...STORAGE_BUDGET, burstSeconds: 0.1, readsAreFree: true };
/** Where it is the account that counts, a partition takes what it is said to take in a second, whenever in it. */
const ACCOUNT_BUDGET: RowBudget = { ...BUDGET, partitionBurstSeconds: 1 };
const PARTITION_LIMIT = BUDGET.partitionRowsPerSecond ?? 0;
const ACCOUNT_LIMIT = BUDGET.accountRowsPerSecond ?? 0;

async function begin(server: ServerProcess): Promise<void> {
  await server.ask({ do: "budget" });
  for (const side of ["source", "destination"] as const) await server.ask({ do: "reset", side });
}

/** Runs the copy with the budget on, and adds up how its tables arrived. */
async function copyPaced(
  server: ServerProcess, tables: readonly { readonly table: string; readonly rows: number }[], budget: RowBudget,
): Promise<{ readonly sample: Sample; readonly missing: number; readonly seconds: readonly BudgetSecond[] }> {
  await server.ask({ do: "budget", budget });
  const rows = tables.reduce((sum, one) => sum + one.rows, 0);
  const task = { tables: tables.map(({ table }) => table), rows };
  const sample = await sampleClient(server, nodeClient("landbridge"), task);
  const { seconds } = await server.usage();
  await server.ask({ do: "budget" });
  let missing = 0;
  for (const one of tables) missing += (await server.compare(one.table, one.rows)).missing;
  return { sample, missing, seconds };
}

const refusalsOf = (seconds: readonly BudgetSecond[]) => seconds.reduce((sum, { refusals }) => sum + refusals, 0);

/** One table whose rows all have one partition key: the partition's limit is all there is. */
export async function runHot(server: ServerProcess, { hotRows: rows }: Settings, say: Say): Promise<BudgetResult> {
  await begin(server);
  await server.seed({ side: "source", table: "Hot", shape: "hot", rows });
  const { sample, missing, seconds } = await copyPaced(server, [{ table: "Hot", rows }], BUDGET);
  const share = rows / ((sample.elapsedMs / 1_000) * PARTITION_LIMIT);
  say(`hot partition: ${(share * 100).toFixed(0)} % of ${PARTITION_LIMIT} rows/s, ${refusalsOf(seconds)} refusals`);
  return resultOf(sample, { tables: 1, rows, limit: PARTITION_LIMIT, share, missing, seconds });
}

function resultOf(
  sample: Sample,
  facts: Pick<BudgetResult, "tables" | "rows" | "limit" | "share" | "missing"> & {
    readonly seconds: readonly BudgetSecond[];
  },
): BudgetResult {
  const { seconds, ...rest } = facts;
  return {
    ...rest,
    refusals: refusalsOf(seconds),
    elapsedMs: sample.elapsedMs,
    cpuUsPerRow: sample.cpuUs / facts.rows,
    errors: sample.errors,
    perSecond: seconds.map(({ rows }) => rows),
  };
}

const UNEVEN_TABLES = 50;

/** Sizes that fall off as one over the rank: the first holds a fifth of all rows, the last some hundred. */
export function unevenSizes(rows: number): readonly number[] {
  const weights = Array.from({ length: UNEVEN_TABLES }, (_, rank) => 1 / (rank + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => Math.max(1, Math.round((rows * weight) / total)));
}

/**
 * The share of the account's budget used from the first full second to the one in which nine tenths of the rows were
 * there. Seconds in which nothing was admitted are missing from the list, and count as empty.
 */
export function shareUntilLastTenth(seconds: readonly BudgetSecond[], limit: number): number {
  const total = seconds.reduce((sum, { rows }) => sum + rows, 0);
  let sum = 0;
  const last = seconds.find(({ rows }) => (sum += rows) >= total * 0.9)?.second ?? 0;
  const first = seconds[0]?.second ?? 0;
  const full = seconds.filter(({ second }) => second > first && second < last);
  const used = full.reduce((rows, one) => rows + one.rows, 0);
  return used / (Math.max(1, last - first - 1) * limit);
}

/** Fifty tables of uneven size at once: the small ones are soon done, and the account should stay busy. */
export async function runUneven(server: ServerProcess, { unevenRows }: Settings, say: Say): Promise<BudgetResult> {
  await begin(server);
  const sizes = unevenSizes(unevenRows);
  const tables = sizes.map((rows, n) => ({ table: `Uneven${String(n + 1).padStart(2, "0")}`, rows }));
  for (const { table, rows } of tables) await server.seed({ side: "source", table, shape: "batchable", rows });
  const { sample, missing, seconds } = await copyPaced(server, tables, ACCOUNT_BUDGET);
  const share = shareUntilLastTenth(seconds, ACCOUNT_LIMIT);
  say(`uneven tables: ${(share * 100).toFixed(0)} % of ${ACCOUNT_LIMIT} rows/s, ${refusalsOf(seconds)} refusals`);
  const rows = sizes.reduce((sum, size) => sum + size, 0);
  return resultOf(sample, { tables: tables.length, rows, limit: ACCOUNT_LIMIT, share, missing, seconds });
}
