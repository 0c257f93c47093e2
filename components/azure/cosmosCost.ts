import type { CosmosTable } from "./cosmosThroughput";

/** In the account's own currency. What is not given is not known. */
export interface ThroughputPrices {
  readonly currency: string;
  /** Of autoscale throughput, for 100 RU/s during an hour. */
  readonly per100RuHour?: number;
}

/** Microsoft, "autoscale provisioned throughput": no less than a tenth of the maximum is billed. */
const IDLE_SHARE = 0.1;

/** What the tables' throughput costs, for a preview. An unknown price is said, never taken for nothing. */
export function describeCost(
  tables: readonly CosmosTable[],
  regions: number,
  prices: ThroughputPrices | undefined,
): string {
  if (prices?.per100RuHour === undefined) {
    return "What throughput costs is not known: destination.prices.per100RuHour is not given.";
  }
  const { currency, per100RuHour } = prices;
  const hour = (of: (table: CosmosTable) => number) =>
    (tables.reduce((sum, table) => sum + of(table), 0) / 100) * per100RuHour * regions;
  const range = (most: number) => `${(most * IDLE_SHARE).toFixed(2)} to ${most.toFixed(2)} ${currency}`;
  const copying = range(hour(({ copyThroughput }) => copyThroughput));
  const after = range(hour(({ steadyThroughput }) => steadyThroughput));
  return `Throughput costs ${copying} an hour while copying, ${after} after, idle to busy in ${regions} region(s). `
    + "Storage comes on top: landbridge preflight reckons it.";
}
