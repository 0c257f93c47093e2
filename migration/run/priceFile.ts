import { readFile } from "node:fs/promises";

import { z } from "zod";

import { OperationalError } from "../engine/errors";
import { describeFileError } from "../report/write";
import { isMeter, type Meter, METERS, type Price, type Prices, unitFactor } from "./prices";

/** Prices older than this are told to be: list prices change a few times a year. */
const MONTHS_FRESH = 12;
const DAYS_PER_MONTH = 30.44;
const DAY_MS = 86_400_000;

/** A value of the template that nobody has filled in. */
const isPlaceholder = (value: unknown) => value === null || (typeof value === "string" && /^<.*>$/.test(value));

/** The value, and what to write instead; every mistake reads that way. */
function told(remedy: string) {
  return ({ input }: { readonly input?: unknown }) => {
    if (input === undefined) return `is missing. ${remedy}`;
    return `${typeof input === "number" ? String(input) : JSON.stringify(input)} will not do. ${remedy}`;
  };
}

function text(remedy: string, pattern = /\S/) {
  const error = told(remedy);
  return z.string({ error }).regex(pattern, { error });
}

const FORM = told("Write `version: 1` and a list, `prices`.");
const AMOUNT = told("Write a number that is not negative, like 0.036: 0 where the price list says so.");

const price = z.strictObject({
  meter: text("Write one of the meters of docs/cost.md, like source.operations."),
  /** In the file's one currency; zero where the price list says so. */
  amount: z.number({ error: AMOUNT }).nonnegative({ error: AMOUNT }),
  unit: text("Write one of the meter's units in docs/cost.md, in quotes."),
  currency: text("Write a currency's code, like EUR.", /^[A-Z]{3}$/),
  /** The day on which somebody looked it up. */
  date: z.iso.date({ error: told("Write the day on which it was looked up, like \"2026-01-31\".") }),
  /** An address, or what the agreement is called. */
  source: text("Say where the price comes from."),
  region: text("Write a region's name, or take it out.").optional(),
});

const priceFile = z.strictObject({
  version: z.literal(1, { error: told("Write 1: the version of the file's form.") }),
  prices: z.array(price, { error: told("Write a list of prices.") })
    .min(1, { error: told("Write one price at least.") }),
}, { error: ({ code, input }) => (code === "invalid_type" ? FORM({ input }) : undefined) });

function refuse(code: string, message: string): never {
  throw new OperationalError({ code, message });
}

function checked(origin: string, written: z.infer<typeof price>): Price {
  const { meter, unit, region, ...rest } = written;
  if (!isMeter(meter)) {
    refuse("PriceFileInvalid", `${origin}: ${JSON.stringify(meter)} is no meter. There are ${METERS.join(", ")}.`);
  }
  const factor = unitFactor(meter, unit);
  if (typeof factor !== "number") {
    const told = `the unit ${JSON.stringify(unit)} of ${meter} is not one of: ${factor.join("; ")}.`;
    refuse("PriceFileInvalid", `${origin}: ${told}`);
  }
  return { meter, unit, unitFactor: factor, ...rest, ...(region !== undefined && { region }) };
}

/** Throws `PriceFileInvalid`, `PriceNotFilledIn`, `PriceTwice` or `PricesOfTwoCurrencies`; each names `origin`. */
async function parsePrices(text: string, origin: string): Promise<Prices> {
  // Loaded by who has prices: a run without does without.
  const { parse } = await import("yaml");
  let value: unknown;
  try {
    // JSON is YAML, too. Dates stay texts.
    value = parse(text, { schema: "core" });
  } catch (cause) {
    // What follows quotes the file, line by line.
    const [why = ""] = (cause instanceof Error ? cause.message : String(cause)).split("\n", 1);
    const message = `${origin} is neither YAML nor JSON: ${why.replace(/[.:]?$/, ".")} Correct it; docs/cost.md shows `
      + "the form.";
    throw new OperationalError({ code: "PriceFileInvalid", message, cause });
  }
  refusePlaceholders(value, origin);
  const parsed = priceFile.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue === undefined || issue.path.length === 0 ? "at the top" : issue.path.join(".");
    const why = (issue?.message ?? "invalid").replace(/[.]?$/, ".");
    refuse("PriceFileInvalid", `${origin}: ${where}: ${why} docs/cost.md shows the form.`);
  }
  const byMeter = new Map<Meter, Price>();
  for (const one of parsed.data.prices.map((written) => checked(origin, written))) {
    if (byMeter.has(one.meter)) {
      refuse("PriceTwice", `${origin} has two prices for ${one.meter}, and nobody can say which is meant. Keep one.`);
    }
    byMeter.set(one.meter, one);
  }
  const currencies = [...new Set([...byMeter.values()].map(({ currency }) => currency))];
  const [currency, other] = currencies;
  if (currency === undefined || other !== undefined) {
    refuse("PricesOfTwoCurrencies", `${origin} has prices in ${currencies.join(" and ")}, which cannot be added up. `
      + "Write all of them in one currency, as your bill has them.");
  }
  return { currency, origin, byMeter };
}

function refusePlaceholders(value: unknown, origin: string): void {
  const prices: unknown = typeof value === "object" && value !== null && "prices" in value ? value.prices : undefined;
  if (!Array.isArray(prices)) return;
  for (const one of prices as readonly unknown[]) {
    if (typeof one !== "object" || one === null) continue;
    const open = Object.entries(one).find(([, field]) => isPlaceholder(field));
    if (open === undefined) continue;
    const meter = "meter" in one ? String(one.meter) : "a price";
    refuse("PriceNotFilledIn", `${origin}: ${open[0]} of ${meter} is not filled in. Look it up in your price list, or `
      + "take the entry out if nothing of the kind is asked for.");
  }
}

/** Throws OperationalError; `PriceFileUnreadable` where it cannot be read. */
export async function readPrices(file: string): Promise<Prices> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new OperationalError({
      code: "PriceFileUnreadable",
      message: `The price file ${file} cannot be read (${describeFileError(cause)}). Give the path of one; `
        + "docs/cost.md shows the form.",
      cause,
    });
  }
  return parsePrices(text, file);
}

/** A warning for prices that were looked up long ago, or will be; undefined where all are fresh. */
export function staleness({ byMeter, origin }: Prices, nowMs: number): string | undefined {
  // Somewhere it is tomorrow already.
  const ahead = [...byMeter.values()].find(({ date }) => Date.parse(date) - nowMs > DAY_MS);
  if (ahead !== undefined) {
    return `${origin}: the price of ${ahead.meter} is of ${ahead.date}, which is still to come: nobody can have looked `
      + "it up then, and nobody will be told when it is old. Correct the date.";
  }
  const ageMsMax = MONTHS_FRESH * DAYS_PER_MONTH * DAY_MS;
  const old = [...byMeter.values()].filter(({ date }) => nowMs - Date.parse(date) > ageMsMax);
  const [first] = old.sort((a, b) => (a.date < b.date ? -1 : 1));
  if (first === undefined) return undefined;
  return `${origin}: ${old.length} of ${byMeter.size} prices are older than ${MONTHS_FRESH} months; the oldest, of `
    + `${first.meter}, is of ${first.date}. Look them up again.`;
}
