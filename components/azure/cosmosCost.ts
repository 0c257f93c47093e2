import * as pulumi from "@pulumi/pulumi";
import { OperationalError } from "../../migration/engine/errors";
import type { MovePlan } from "../../migration/engine/estimate/estimate";
import { costText } from "../../migration/report/reckonedWords";
import { costOfGbMonth, costOfHour } from "../../migration/run/cost";
import { readPrices, staleness } from "../../migration/run/priceFile";
import type { Prices } from "../../migration/run/prices";

const UNKNOWN = "What throughput and storage cost is not known: no price file is given (`prices`, docs/cost.md).";

/**
 * What a destination that sells throughput costs by the hour, and what a GB in it costs a month. How much will be kept
 * nobody knows before the source was read. Throws `PriceUnknown`.
 */
export function throughputCostText(plan: MovePlan, prices: Prices | undefined): string {
  if (prices === undefined) return UNKNOWN;
  const { copyThroughput = 0, steadyThroughput = 0, regions = 1 } = plan;
  const hour = (throughputMax: number) => costText(costOfHour(throughputMax, regions, prices));
  return `Throughput costs ${hour(copyThroughput)} an hour while copying, ${hour(steadyThroughput)} after, idle to `
    + `busy in ${regions} region(s). `
    + `Storage comes on top: ${costText(costOfGbMonth(regions, prices))} for a GB a month in all of them; `
    + "landbridge preflight counts the GB.";
}

/**
 * The same from the stack's price file, for its outputs. What the file lacks fails the program, previews too: an
 * unknown price is no price.
 */
export async function describeThroughputCost(plan: MovePlan, priceFile: string | undefined): Promise<string> {
  if (priceFile === undefined) return UNKNOWN;
  try {
    const prices = await readPrices(priceFile);
    const stale = staleness(prices, Date.now());
    return [throughputCostText(plan, prices), ...(stale === undefined ? [] : [stale])].join("\n");
  } catch (error) {
    if (error instanceof OperationalError) throw new pulumi.RunError(`landbridge:migration.prices: ${error.message}`);
    throw error;
  }
}
