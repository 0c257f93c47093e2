import * as pulumi from "@pulumi/pulumi";

/** One table of a Cosmos DB account, with the highest autoscale throughput that it may reach, in RU/s. */
export interface CosmosTable {
  readonly name: string;
  /** While rows are copied. */
  readonly copyThroughput: number;
  /** After that. */
  readonly steadyThroughput: number;
}

/** Microsoft: "Azure Cosmos DB service quotas": autoscale begins at 1,000 RU/s and goes in steps of 1,000. */
export const AUTOSCALE_STEP_RU = 1_000;

/** Microsoft, "autoscale provisioned throughput": the maximum can be lowered to a tenth of the highest one ever set. */
const LOWEST_SHARE = 0.1;

/** Up to the next step, and no less than one. */
function toStep(throughput: number): number {
  return Math.max(AUTOSCALE_STEP_RU, Math.ceil(throughput / AUTOSCALE_STEP_RU) * AUTOSCALE_STEP_RU);
}

/** The lowest maximum that the service still takes once `copyThroughput` was set, in RU/s; stored data may raise it. */
export function lowestThroughputAfter(copyThroughput: number): number {
  return toStep(copyThroughput * LOWEST_SHARE);
}

/** Why the numbers cannot be used, each with its remedy; empty where they can. */
export function refuseThroughput({ name, copyThroughput, steadyThroughput }: CosmosTable): readonly string[] {
  const reasons: string[] = [];
  for (const [key, value] of Object.entries({ copyThroughput, steadyThroughput })) {
    if (Number.isInteger(value) && value >= AUTOSCALE_STEP_RU && value % AUTOSCALE_STEP_RU === 0) continue;
    reasons.push(`${key} ${value} of table ${name} is no maximum for autoscale: write a multiple of 1000 RU/s.`);
  }
  const lowest = lowestThroughputAfter(copyThroughput);
  if (reasons.length === 0 && steadyThroughput < lowest) {
    const highest = steadyThroughput / LOWEST_SHARE;
    const remedy = `Raise steadyThroughput to ${lowest}, or lower copyThroughput to ${highest}.`;
    reasons.push(`steadyThroughput ${steadyThroughput} of table ${name} will be refused after copyThroughput `
      + `${copyThroughput}: autoscale goes down to a tenth of the highest maximum ever set, ${lowest} RU/s. ${remedy}`);
  }
  return reasons;
}

/** Throws a `RunError` with every reason. */
export function checkThroughput(tables: readonly CosmosTable[]): void {
  const reasons = tables.flatMap(refuseThroughput);
  if (reasons.length > 0) throw new pulumi.RunError(reasons.join("\n"));
}

/** For the preview, a line a table: `Cities: autoscale to 20000 RU/s while copying, 2000 after (not below 2000)`. */
export function describeThroughput(tables: readonly CosmosTable[], now: "copy" | "steady"): string {
  return tables
    .map(({ name, copyThroughput, steadyThroughput }) => {
      const lowest = lowestThroughputAfter(copyThroughput);
      const set = now === "copy" ? "copy" : "steady";
      return `${name}: autoscale to ${copyThroughput} RU/s while copying, ${steadyThroughput} after; set now: ${set}. `
        + `It cannot be lowered below a tenth of the highest maximum ever set, ${lowest} RU/s`;
    })
    .join("\n");
}
