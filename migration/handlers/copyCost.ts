import { z } from "zod";
import { OperationalError } from "../engine/errors";
import type { Estimate, MovePlan } from "../engine/estimate/estimate";
import { addEstimates } from "../engine/estimate/addEstimates";
import type { Proof } from "../engine/estimate/estimateProof";
import type { Counted } from "../engine/estimate/expectedWrites";
import { VERIFY_LEVELS } from "../engine/settings";
import { estimateField, movePlanField } from "../report/reckoned";
import { moveLine } from "../report/reckonedWords";
import { Accounting } from "../run/accounting";
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
  /** The verification that follows; absent: nobody reckons it. */
  verification: z.strictObject({
    level: z.enum(VERIFY_LEVELS),
    sampleRows: z.number().int().min(1),
  }).optional(),
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

export function proofOf(news: Properties): Proof | undefined {
  const { verification } = news;
  return holdsUnknown(verification) ? undefined : costFields.verification.catch(undefined).parse(verification);
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

/** What a verification is told that a preview reckoned beside the copy it follows. */
export function proofReckoningOf(news: Properties): Pick<ExecuteRequest, "prices" | "told"> {
  const prices = pricesOf(news);
  const told = estimateField.safeParse(news["told"]);
  return { ...(prices !== undefined && { prices }), ...(told.success && { told: told.data as Estimate }) };
}

/** What a preview tells of a copy's size, time and cost, and of its verification's. */
export interface Expectation {
  readonly text: string;
  /** Absent where it could not be told. */
  readonly estimate?: Estimate;
  /** Of the verification that follows. */
  readonly proof?: Estimate;
}

type DryRun = Omit<ExecuteRequest, "command" | "prices" | "plan">;

/** What is reckoned with. */
export interface Expecting {
  /** Absent: nothing is reckoned, as for a live move. */
  readonly movePlan?: MovePlan | undefined;
  /** The price file's path. */
  readonly prices?: string | undefined;
  readonly proof?: Proof | undefined;
}

/** Both are priced as one: hours of throughput that copy and verification share are paid for once. */
async function told(
  { preflight, error }: ExecuteResult,
  { prices }: Expecting,
  { clock }: Pick<RunHandlerPorts, "clock">,
  signal: AbortSignal | undefined,
): Promise<Expectation> {
  const { estimate: copy, proof } = preflight ?? {};
  if (copy !== undefined && error === undefined) {
    const both = proof === undefined ? copy : addEstimates(copy, proof);
    const accounting = await Accounting.open(prices === undefined ? {} : { prices }, clock);
    const { cost, warning } = accounting.told(both);
    const lines = [moveLine({ copy, proof, both }, cost), ...(warning === undefined ? [] : [warning])];
    return { text: lines.join("\n"), estimate: copy, ...(proof && { proof }) };
  }
  if (signal?.aborted === true) return LATE;
  return { text: `what the copy takes and costs is not known: ${error?.message ?? "not every table could be read"}` };
}

const LATE: Expectation = {
  text: "what the copy takes and costs is not known: planSecondsMax was over before a sample of it was read",
};

/** A sample that was there already when time was over is told all the same: it waited for a count. */
const WIND_DOWN_MS = 500;

async function aborted(signal: AbortSignal | undefined): Promise<Expectation> {
  await new Promise<void>((resolve) => {
    signal?.addEventListener("abort", () => setTimeout(resolve, WIND_DOWN_MS).unref(), { once: true });
  });
  return LATE;
}

/**
 * What the copy will take and cost, and the verification after it, from a sample that writes nothing, and that ends
 * with the signal. `counted`: the dry run beside it, which knows what is to be written once it is through. Throws what
 * the price file can be blamed for: an unknown price fails a preview.
 */
export async function expectationOf(
  expecting: Expecting,
  dryRun: DryRun,
  counted: Promise<Counted>,
  ports: Pick<RunHandlerPorts, "execute" | "clock">,
): Promise<Expectation | undefined> {
  const { movePlan, proof } = expecting;
  if (movePlan === undefined) return undefined;
  const asked = async () => {
    const reckoning = { plan: movePlan, counted, ...(proof && { proof }) };
    const result = await ports.execute({ ...dryRun, ...reckoning, command: "preflight", level: "none" });
    return told(result, expecting, ports, dryRun.signal);
  };
  return Promise.race([asked(), aborted(dryRun.signal)]);
}
