import { z } from "zod";
import { OperationalError } from "../engine/errors";
import type { Estimate, MovePlan } from "../engine/estimate/estimate";
import { estimateField, movePlanField } from "../report/reckoned";
import { copyLine } from "../report/reckonedWords";
import { readPrices } from "../run/priceFile";
import type { ExecuteRequest, ExecuteResult } from "../run/request";
import type { CheckResult, Properties } from "./handler";
import type { RunHandlerPorts } from "./runs";
import { holdsUnknown } from "./unknown";

/** Inputs of a copy that say what it costs, and how long it takes. */
export const costFields = {
  /** The price file's path. */
  prices: z.string().min(1, "Give the path of a price file (docs/cost.md), or leave it out.").optional(),
  movePlan: movePlanField.optional(),
};

/** What the price file can be blamed for, or what it is reckoned with. */
const ABOUT_PRICES = [
  "PriceFileUnreadable", "PriceFileInvalid", "PriceNotFilledIn", "PriceTwice", "PricesOfTwoCurrencies", "PriceUnknown",
  "ThroughputUnknown",
];

export function isAboutPrices({ code }: OperationalError): boolean {
  return ABOUT_PRICES.includes(code);
}

export function pricesOf(news: Properties): string | undefined {
  const { prices } = news;
  return holdsUnknown(prices) ? undefined : costFields.prices.catch(undefined).parse(prices);
}

export function movePlanOf(news: Properties): MovePlan {
  const { movePlan } = news;
  const known = holdsUnknown(movePlan) ? undefined : costFields.movePlan.catch(undefined).parse(movePlan);
  return (known ?? {}) as MovePlan;
}

/** A check that looks into the price file first; what the file lacks is a failure of it. */
export async function withPriceFailures(news: Properties, make: () => Promise<Properties>): Promise<CheckResult> {
  const prices = pricesOf(news);
  try {
    if (prices !== undefined) await readPrices(prices);
    return { inputs: await make(), failures: [] };
  } catch (error) {
    if (!(error instanceof OperationalError) || !isAboutPrices(error)) throw error;
    return { inputs: news, failures: [{ property: "prices", reason: error.message }] };
  }
}

/** What the run is told: what its preview reckoned, and where that came to nothing, that it reckons itself. */
export function reckoningOf(news: Properties): Pick<ExecuteRequest, "prices" | "told" | "plan"> {
  const prices = pricesOf(news);
  const plan = news["plan"] as { readonly estimate?: unknown } | undefined;
  const told = estimateField.safeParse(plan?.estimate);
  return {
    ...(prices !== undefined && { prices }),
    ...(told.success ? { told: told.data as Estimate } : prices !== undefined && { plan: movePlanOf(news) }),
  };
}

/** What a preview tells of a copy's size, time and cost. */
export interface Expectation {
  readonly text: string;
  /** Absent where it could not be told. */
  readonly estimate?: Estimate;
}

type DryRun = Omit<ExecuteRequest, "command" | "prices" | "plan">;

function told({ preflight, cost, warning, error }: ExecuteResult, signal: AbortSignal | undefined): Expectation {
  const estimate = preflight?.estimate;
  if (estimate !== undefined && error === undefined) {
    return { text: [copyLine(estimate, cost), ...(warning === undefined ? [] : [warning])].join("\n"), estimate };
  }
  if (signal?.aborted === true) return LATE;
  return { text: `what the copy takes and costs is not known: ${error?.message ?? "not every table could be read"}` };
}

const LATE: Expectation = {
  text: "what the copy takes and costs is not known: planSecondsMax was over before a sample of it was read",
};

async function aborted(signal: AbortSignal | undefined): Promise<Expectation> {
  await new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));
  return LATE;
}

/**
 * What the copy will take and cost, from a sample that writes nothing, and that ends with the signal. Throws what the
 * price file can be blamed for: an unknown price fails a preview.
 */
export async function expectationOf(
  { movePlan, prices }: { readonly movePlan?: MovePlan | undefined; readonly prices?: string | undefined },
  dryRun: DryRun,
  ports: Pick<RunHandlerPorts, "execute">,
): Promise<Expectation | undefined> {
  if (movePlan === undefined) return undefined;
  const priced = prices === undefined ? {} : { prices };
  const asked = async () => {
    // Verification reads both sides by itself, later: it is no part of the copy.
    const result = await ports.execute({
      ...dryRun, ...priced, command: "preflight", level: "none", plan: movePlan,
    });
    if (result.error !== undefined && isAboutPrices(result.error)) throw result.error;
    return told(result, dryRun.signal);
  };
  return Promise.race([asked(), aborted(dryRun.signal)]);
}
