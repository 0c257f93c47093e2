import type { MovePlan } from "../../migration/engine/estimate/estimate";
import type { DestinationConfiguration } from "./destination";

/** Throughput that the copy may use, of all tables together, where the destination sells it. */
export function toMovePlan(destination: DestinationConfiguration, rowsPerSecondGiven: number | undefined): MovePlan {
  const rate = rowsPerSecondGiven === undefined ? {} : { rowsPerSecond: rowsPerSecondGiven };
  // Nobody knows the throughput of an account that somebody else set up.
  if (destination.kind === "storage" || destination.existing === "account") return rate;
  const { tables, regions = [] } = destination;
  const sum = (of: (table: (typeof tables)[number]) => number) => tables.reduce((total, table) => total + of(table), 0);
  return {
    ...rate,
    copyThroughput: sum(({ copyThroughput }) => copyThroughput),
    steadyThroughput: sum(({ steadyThroughput }) => steadyThroughput),
    regions: 1 + regions.length,
  };
}
