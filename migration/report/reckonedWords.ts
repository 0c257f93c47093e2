import type { Estimate, SideEstimate } from "../engine/estimate/estimate";
import { plus, type Span } from "../engine/estimate/span";
import { REQUEST_KINDS, type Usage } from "../engine/usage";
import type { ReckonedCost } from "./reckoned";
import type { Report } from "./schema";
import { formatCount, formatDuration } from "./statusLine";

const UNITS = ["B", "KB", "MB", "GB", "TB"] as const;

/** `1.5 GB`; a GB is 1024 MB. */
export function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value >= 100 || power === 0 ? Math.round(value) : Number(value.toPrecision(2))} ${UNITS[power]}`;
}

/** `0.01`, and `0.0004`: two digits at least, of small amounts two that are not zero. */
export function formatMoney(amount: number, currency: string): string {
  const digits = amount > 0 && amount < 0.01 ? Math.min(10, 1 - Math.floor(Math.log10(amount))) : 2;
  return `${amount.toFixed(digits)} ${currency}`;
}

/** `5`, `5 to 7`, `about 5`, `at least 5`. A range is never told as a fact, nor a fact as a range. */
export function spanText({ low, high }: Span, format: (value: number) => string): string {
  if (high === undefined) return `at least ${format(low)}`;
  const [from, to] = [format(low), format(high)];
  if (from !== to) return `${from} to ${to}`;
  return low === high ? from : `about ${from}`;
}

export function totalRequests(side: SideEstimate): Span {
  return plus(...REQUEST_KINDS.map((kind) => side.requests[kind]));
}

export function totalUsed({ requests }: Usage): number {
  return REQUEST_KINDS.reduce((sum, kind) => sum + requests[kind], 0);
}

const BASES: Readonly<Record<Estimate["secondsBasis"], string>> = {
  rate: "by the rate that was given",
  throughput: "bounded by the throughput that was given",
  sample: "from what the service promises to what a sample took",
};

function secondsText(seconds: Span): string {
  return spanText(seconds, (value) => formatDuration(value * 1_000));
}

function timeText({ seconds, secondsBasis }: Estimate): string {
  return `${secondsText(seconds)} (${BASES[secondsBasis]})`;
}

/** What it comes to, in its currency. */
export function costText({ total, currency }: Pick<ReckonedCost, "total" | "currency">): string {
  return spanText(total, (amount) => formatMoney(amount, currency));
}

/** Rows to write into tables that are there already: what was counted is a fact, and what is assumed is said to be. */
function writesText({ tables }: Pick<Estimate, "tables">): string | undefined {
  const told = tables.flatMap(({ writes }) => (writes === undefined ? [] : [writes]));
  if (told.length === 0) return undefined;
  const rows = `${spanText(plus(...told.map((one) => one.rows)), formatCount)} of them to write`;
  return told.every(({ basis }) => basis === "counted") ? `${rows} (counted)`
    : `${rows} (assumed: what the last pass left in the destination is unchanged)`;
}

/**
 * What a preview tells of a copy, and of the verification that follows, in one line; what they cost first, since
 * displays cut long texts. `both`: of the two; the same as `copy` where no verification follows.
 */
export function moveLine(
  { copy, proof, both }: { readonly copy: Estimate; readonly proof?: Estimate | undefined; readonly both: Estimate },
  cost: { readonly move: ReckonedCost; readonly month: ReckonedCost } | undefined,
): string {
  const all = (of: (table: Estimate["tables"][number]) => Span) => plus(...copy.tables.map(of));
  const size = `${spanText(all(({ entities }) => entities), formatCount)} entities, `
    + `${spanText(all(({ bytes }) => bytes), formatBytes)}`;
  const price = cost === undefined
    ? "cost not known: no price file is given (`prices`, docs/cost.md)"
    : `costs ${costText(cost.move)} (a month after it ${costText(cost.month)})`;
  const verified = proof === undefined ? "verification comes on top"
    : `verification included (${secondsText(proof.seconds)} of it)`;
  const writes = writesText(copy);
  return `${price}; takes ${timeText(both)}; of a source with ${size}`
    + `${writes === undefined ? "" : `, ${writes}`}; ${verified}`;
}

function sideLine(name: string, side: SideEstimate): string {
  const kinds = REQUEST_KINDS.filter((kind) => side.requests[kind].high !== 0)
    .map((kind) => `${kind} ${spanText(side.requests[kind], formatCount)}`);
  const units = side.requestUnits === undefined ? "" : `; ${spanText(side.requestUnits, formatCount)} RU`;
  return `  ${name}: ${kinds.join(", ")}; ${spanText(side.bytesReceived, formatBytes)} leave it${units}`;
}

function costLines(title: string, cost: ReckonedCost): readonly string[] {
  const format = (amount: number) => formatMoney(amount, cost.currency);
  return [
    `${title}: ${costText(cost)}.`,
    ...cost.lines.map(({ meter, amount, price }) =>
      `  ${meter} ${spanText(amount, format)} (${price.amount} for ${price.unit}`
      + `${price.region === undefined ? "" : ` in ${price.region}`}, ${price.date}, ${price.source})`),
  ];
}

function tableLine(one: Estimate["tables"][number]): string {
  const { table, entities, bytes, exact, rowsRead } = one;
  const writes = writesText({ tables: [one] });
  return `Table ${table}: ${spanText(entities, formatCount)} entities, ${spanText(bytes, formatBytes)} `
    + `(${exact ? "all of them read" : `an estimate from ${formatCount(rowsRead)} that were read`})`
    + `${writes === undefined ? "" : `; ${writes}`}.`;
}

/** What a preflight tells of the move's size, time and cost. `asked`: prices were given, and do not suffice. */
export function estimateLines(
  estimate: Estimate,
  cost: { readonly move: ReckonedCost; readonly month: ReckonedCost } | undefined,
  asked: boolean,
): readonly string[] {
  const unknown = asked ? "Its cost is not known: the error below says what is missing."
    : "Its cost is not known without a price file (--prices FILE, docs/cost.md).";
  return [
    ...estimate.tables.map((one) => tableLine(one)),
    `The copy takes ${timeText(estimate)}, and asks, by kind of request:`,
    sideLine("source", estimate.source),
    sideLine("destination", estimate.destination),
    ...(cost === undefined
      ? [unknown]
      : [...costLines("It costs", cost.move), ...costLines("After it, a month costs", cost.month)]),
  ];
}

/** Of a run whose size or cost was told beforehand: that, and what it came to. Nothing of any other. */
export function usedLines({ estimate, used, cost }: Pick<Report, "estimate" | "used" | "cost">): readonly string[] {
  if (estimate === undefined || used === undefined) return [];
  const side = (name: "source" | "destination") =>
    `${formatCount(totalUsed(used[name]))} requests to the ${name} `
    + `(${spanText(totalRequests(estimate[name]), formatCount)} expected)`;
  const money = cost?.used === undefined ? [] : [
    `It cost ${costText(cost.used)} at the prices given (${costText(cost.move)} expected).`,
  ];
  const unknown = cost?.usedUnknown === undefined ? [] : [`What it cost is not known: ${cost.usedUnknown}`];
  return [`It made ${side("source")} and ${side("destination")}.`, ...money, ...unknown];
}
