import type { Clock } from "../engine/clock";
import type { Estimate } from "../engine/estimate/estimate";
import type { Reckoned } from "../report/schema";
import { OperationalError } from "../engine/errors";
import { type Cost, costOfMonth, costOfMove, costOfUsed, type Used } from "./cost";
import type { OpenStores } from "./openStores";
import { readPrices, staleness } from "./priceFile";
import type { Prices } from "./prices";
import type { ExecuteRequest, ExecuteResult } from "./request";

/** The run is over: what was used of something that nobody expected, and that has no price, does not fail it. */
function usedCost(used: Used, estimate: Estimate, prices: Prices): { used: Cost } | { usedUnknown: string } {
  try {
    return { used: costOfUsed(used, estimate, prices) };
  } catch (error) {
    if (error instanceof OperationalError) return { usedUnknown: error.message };
    throw error;
  }
}

/** What a run was told to take, what it took, and at what price. */
export class Accounting {
  private readonly beganAtMs: number;
  private estimate: Estimate | undefined;
  private cost: { readonly move: Cost; readonly month: Cost } | undefined;

  private constructor(
    private readonly prices: Prices | undefined,
    private readonly clock: Clock,
  ) {
    this.beganAtMs = clock.now();
  }

  /** Reads the price file before anything else happens. Throws OperationalError. */
  static async open({ prices }: Pick<ExecuteRequest, "prices">, clock: Clock): Promise<Accounting> {
    return new Accounting(prices === undefined ? undefined : await readPrices(prices), clock);
  }

  get warned(): Pick<ExecuteResult, "warning"> {
    const warning = this.prices && staleness(this.prices, this.clock.now());
    return warning === undefined ? {} : { warning };
  }

  /** Takes note of what is expected, and prices it. Throws `PriceUnknown` and `ThroughputUnknown`. */
  told(estimate: Estimate | undefined): Pick<ExecuteResult, "cost" | "warning"> {
    this.estimate = estimate;
    if (estimate === undefined || this.prices === undefined) return {};
    this.cost = { move: costOfMove(estimate, this.prices), month: costOfMonth(estimate, this.prices) };
    return { cost: this.cost, ...this.warned };
  }

  /** For the report: what was expected, as far as it was, beside what was used. */
  reckoned({ source, destination }: OpenStores): Reckoned {
    const { estimate, cost, prices } = this;
    const [from, to] = [source.usage?.(), destination.usage?.()];
    const used: Used | undefined = from && to && {
      source: from, destination: to, seconds: (this.clock.now() - this.beganAtMs) / 1_000,
    };
    return {
      ...(used && { used }),
      ...(estimate && { estimate }),
      ...(cost && estimate && prices && used && { cost: { ...cost, ...usedCost(used, estimate, prices) } }),
    };
  }
}
