import type { CosmosTable } from "./cosmosThroughput";

/** In the account's own currency. What is not given is not known. */
export interface ThroughputPrices {
  readonly currency: string;
  /** Of autoscale throughput, for 100 RU/s during an hour. */
  readonly per100RuHour?: number;
  /** Of storage, for a GB during a month. */
  readonly perGbMonth?: number;
}

/** Microsoft, "autoscale provisioned throughput": no less than a tenth of the maximum is billed. */
const IDLE_SHARE = 0.1;

/** How much will be stored nobody knows before the source was read: so much is its price. */
function storage(regions: number, prices: ThroughputPrices | undefined): string {
  if (prices?.perGbMonth === undefined) {
    return "What storage costs is not known: destination.prices.perGbMonth is not given.";
  }
  const price = (prices.perGbMonth * regions).toFixed(2);
  return `Storage comes on top: ${price} ${prices.currency} for a GB a month in ${regions} region(s); landbridge `
    + "preflight counts the GB.";
}

/** What the tables' throughput costs, for a preview. An unknown price is said, never taken for nothing. */
export function describeCost(
  tables: readonly CosmosTable[],
  regions: number,
  prices: ThroughputPrices | undefined,
): string {
  if (prices?.per100RuHour === undefined) {
    const unknown = "What throughput costs is not known: destination.prices.per100RuHour is not given.";
    return `${unknown} ${storage(regions, prices)}`;
  }
  const { currency, per100RuHour } = prices;
  const hour = (of: (table: CosmosTable) => number) =>
    (tables.reduce((sum, table) => sum + of(table), 0) / 100) * per100RuHour * regions;
  const range = (most: number) => `${(most * IDLE_SHARE).toFixed(2)} to ${most.toFixed(2)} ${currency}`;
  const copying = range(hour(({ copyThroughput }) => copyThroughput));
  const after = range(hour(({ steadyThroughput }) => steadyThroughput));
  return `Throughput costs ${copying} an hour while copying, ${after} after, idle to busy in ${regions} region(s). `
    + storage(regions, prices);
}
