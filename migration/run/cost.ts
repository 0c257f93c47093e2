import { OperationalError } from "../engine/errors";
import type { Estimate, MovePlan, SideEstimate } from "../engine/estimate/estimate";
import { exactly, NOTHING, plus, type Span, span, times } from "../engine/estimate/span";
import { REQUEST_KINDS, type Usage } from "../engine/usage";
import type { Meter, Price, Prices } from "./prices";
import type { Side } from "./side";

const GB = 1024 ** 3;
const HOUR_SECONDS = 3_600;
const HOURS_PER_MONTH = 730;
/** Microsoft, "autoscale provisioned throughput": no less than a tenth of the maximum is billed. */
const IDLE_SHARE = 0.1;

/** The same: a maximum is never lowered below a tenth of the highest that was ever set. */
const LOWEST_SHARE = 0.1;

/** So much of one meter, at its price. */
export interface CostLine {
  readonly meter: Meter;
  /** In the meter's own unit: operations, GB, RU/s hours, GB months. */
  readonly quantity: Span;
  readonly amount: Span;
  readonly price: Omit<Price, "unitFactor" | "meter">;
}

export interface Cost {
  readonly currency: string;
  readonly lines: readonly CostLine[];
  readonly total: Span;
}

type Quantities = readonly (readonly [Meter, Span])[];

function priceOf({ byMeter, origin }: Prices, meter: Meter): Price {
  const [side, what] = meter.split(".") as [Side, string];
  const isRequest = (REQUEST_KINDS as readonly string[]).includes(what);
  const found = byMeter.get(meter) ?? (isRequest ? byMeter.get(`${side}.operations`) : undefined);
  if (found) return found;
  const instead = isRequest ? `, or one for ${side}.operations, which stands for every kind of request` : "";
  throw new OperationalError({
    code: "PriceUnknown",
    message: `${origin} has no price for ${meter}, and the move takes some of it: what it costs is not known, and not `
      + `taken for nothing. Add a price for ${meter}${instead} (docs/cost.md).`,
  });
}

/** Throws `PriceUnknown` for the first meter of which something is needed and whose price is not there. */
function priced(prices: Prices, quantities: Quantities): Cost {
  const lines = quantities.filter(([, { high }]) => high !== 0).map(([meter, quantity]): CostLine => {
    const { unitFactor, amount, unit, currency, date, source, region } = priceOf(prices, meter);
    const price = { amount, unit, currency, date, source, ...(region !== undefined && { region }) };
    return { meter, quantity, amount: times(quantity, amount / unitFactor), price };
  });
  return { currency: prices.currency, lines, total: plus(NOTHING, ...lines.map(({ amount }) => amount)) };
}

function requestMeters(side: Side, { billing, requests, bytesReceived }: SideEstimate): Quantities {
  if (billing === undefined) return [];
  const counted = REQUEST_KINDS.map((kind) => [`${side}.${kind}`, requests[kind]] as const);
  // Who sells throughput counts no requests.
  return [...(billing === "requests" ? counted : []), [`${side}.egress`, times(bytesReceived, 1 / GB)]];
}

function copyThroughputOf({ copyThroughput }: MovePlan): number {
  if (copyThroughput !== undefined) return copyThroughput;
  throw new OperationalError({
    code: "ThroughputUnknown",
    message: "The destination sells throughput, and how much of it the copy may use is not known, so neither is what "
      + "it costs. Give --copy-throughput (in a program movePlan.copyThroughput) with the RU/s of all its tables "
      + "together.",
  });
}

/** Whole hours are billed, each at the highest throughput reached in it; autoscale no less than a tenth. */
function throughputHours(plan: MovePlan, seconds: Span): Span {
  const most = copyThroughputOf(plan) * (plan.regions ?? 1);
  const hours = (from: number) => Math.max(1, Math.ceil(from / HOUR_SECONDS)) * most;
  // A copy of an hour may lie in two.
  const high = seconds.high === undefined ? undefined : hours(seconds.high + HOUR_SECONDS);
  return span(hours(seconds.low) * IDLE_SHARE, high);
}

/** Where nobody said what tables keep after the copy, only the least that the service lets them down to is sure. */
function throughputMonth(plan: MovePlan): Span {
  const { regions = 1, steadyThroughput } = plan;
  const least = steadyThroughput ?? copyThroughputOf(plan) * LOWEST_SHARE;
  const hours = regions * HOURS_PER_MONTH;
  return span(least * IDLE_SHARE * hours, steadyThroughput === undefined ? undefined : steadyThroughput * hours);
}

function throughputMeters(billing: SideEstimate["billing"], plan: MovePlan, seconds: Span): Quantities {
  return billing === "throughput" ? [["destination.throughput", throughputHours(plan, seconds)]] : [];
}

/** What the move will cost. Throws `PriceUnknown` and `ThroughputUnknown`: what is not known is never nothing. */
export function costOfMove(estimate: Estimate, prices: Prices): Cost {
  const { source, destination, seconds, plan } = estimate;
  return priced(prices, [
    ...requestMeters("source", source),
    ...requestMeters("destination", destination),
    ...throughputMeters(destination.billing, plan, seconds),
  ]);
}

/** What a month costs after it: storage, and throughput where it is sold. Throws as `costOfMove`. */
export function costOfMonth({ destination, storedBytes, plan }: Estimate, prices: Prices): Cost {
  const { billing } = destination;
  const storage: Quantities = billing ? [["destination.storage", times(storedBytes, (plan.regions ?? 1) / GB)]] : [];
  const throughput: Quantities = billing === "throughput" ? [["destination.throughput", throughputMonth(plan)]] : [];
  return priced(prices, [...storage, ...throughput]);
}

/** What sold throughput costs in an hour, idle to busy, `regions` of them. Throws `PriceUnknown`. */
export function costOfHour(throughput: number, regions: number, prices: Prices): Cost {
  const most = throughput * regions;
  return priced(prices, [["destination.throughput", span(most * IDLE_SHARE, most)]]);
}

/** What a GB costs that is kept for a month. Throws `PriceUnknown`. */
export function costOfGbMonth(regions: number, prices: Prices): Cost {
  return priced(prices, [["destination.storage", exactly(regions)]]);
}

/** What was really used, as far as this run saw it. */
export interface Used {
  readonly source: Usage;
  readonly destination: Usage;
  readonly seconds: number;
}

/** What that cost. Throws as `costOfMove`. */
export function costOfUsed(used: Used, estimate: Estimate, prices: Prices): Cost {
  const side = (usage: Usage, { billing }: SideEstimate): SideEstimate => {
    const requests = Object.fromEntries(REQUEST_KINDS.map((kind) => [kind, exactly(usage.requests[kind])]));
    return {
      ...(billing && { billing }),
      requests: requests as SideEstimate["requests"],
      bytesReceived: exactly(usage.bytesReceived),
    };
  };
  const { source, destination, plan } = estimate;
  return priced(prices, [
    ...requestMeters("source", side(used.source, source)),
    ...requestMeters("destination", side(used.destination, destination)),
    ...throughputMeters(destination.billing, plan, exactly(used.seconds)),
  ]);
}
