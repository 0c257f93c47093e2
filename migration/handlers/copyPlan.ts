import type { AccountRef } from "../access/accountRef";
import { connectionStringOf } from "../access/mint";
import { assert, OperationalError } from "../engine/errors";
import type { RunOutcome } from "../engine/outcome";
import type { Estimate } from "../engine/estimate/estimate";
import type { Counted } from "../engine/estimate/expectedWrites";
import type { ConflictPolicy, DeletePolicy } from "../engine/settings";
import { formatCount } from "../report/statusLine";
import { quantity } from "../report/words";
import type { CredentialText, ExecuteResult, NothingYet, TableSelection } from "../run/request";
import { expectationOf, isAboutPrices, type Expectation, type Expecting } from "./copyCost";
import { isAccountGone } from "./gone";
import { holdsUnknown } from "./unknown";
import type { RunHandlerPorts } from "./runs";

/** What the next run would do; a computed input that `check` adds, so that a preview shows it. */
export interface CopyPlan {
  /** Rows to write or delete; absent where it could not be known. */
  readonly pendingRows?: number;
  /** Differing rows that somebody else wrote, and that are overwritten only if told to. */
  readonly conflicts?: number;
  /** Rows that only the destination has. */
  readonly extra?: number;
  readonly tables: readonly { readonly table: string; readonly pendingRows: number }[];
  /** False: counting stopped at the deadline, and there are at least `pendingRows`; or nothing could be counted. */
  readonly complete: boolean;
  /** For people: a line of what is pending, and one of what the copy takes and costs. */
  readonly text: string;
  /** What the copy was reckoned to take: its report holds this against what it took. */
  readonly estimate?: Estimate;
  /** The same of the verification that follows, for its own report. */
  readonly proof?: Estimate;
}

/** What a plan is made from; credentials and accounts as they came, known or not. */
export interface PlanRequest extends Expecting {
  readonly source: unknown;
  readonly destination: unknown;
  readonly sourceAccount: unknown;
  readonly destinationAccount: unknown;
  /** Undefined: not known yet. */
  readonly selection: TableSelection | undefined;
  readonly deletes: DeletePolicy;
  readonly conflicts: ConflictPolicy;
  readonly concurrency: number | undefined;
  readonly secondsMax: number;
}

type Counting = Pick<RunHandlerPorts, "open" | "execute" | "clock">;

const UNKNOWN_UNTIL_ACCESS: CopyPlan = { tables: [], complete: false, text: "unknown until access exists" };
const AT_LEAST_NONE: CopyPlan = { pendingRows: 0, tables: [], complete: false, text: "at least 0 rows to copy" };

/**
 * What the next copy would do, counted by a dry run of the engine: with the credentials themselves where they are
 * known, else by the deployer's own authority over the accounts. One deadline for everything, requests for keys
 * included; then what was counted so far is "at least". Never throws for what the world does, and says so; but for what
 * the price file lacks.
 */
export async function planCopy(request: PlanRequest, ports: Counting): Promise<CopyPlan> {
  if (request.selection === undefined) return { ...UNKNOWN_UNTIL_ACCESS, text: "unknown until the tables are known" };
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(), request.secondsMax * 1000);
  try {
    return await Promise.race([count(request, ports, end.signal), gaveUp(end.signal)]);
  } catch (error) {
    if (error instanceof OperationalError && !isAboutPrices(error)) return unknownPlan(error.message);
    throw error;
  } finally {
    clearTimeout(timer);
    // Where one of the two looks failed, the other has nobody left to tell.
    end.abort();
  }
}

/** Whether a copy has something to do. What could not be counted may be anything, so it counts. */
export function isPending(plan: CopyPlan, deletes: DeletePolicy): boolean {
  if (!plan.complete || plan.pendingRows === undefined) return true;
  return plan.pendingRows + (plan.conflicts ?? 0) + (deletes === "report" ? plan.extra ?? 0 : 0) > 0;
}

/** A dry run winds down by itself; what does not within this is not waited for. */
const WIND_DOWN_MS = 2_000;

async function gaveUp(signal: AbortSignal): Promise<CopyPlan> {
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => setTimeout(resolve, WIND_DOWN_MS).unref(), { once: true });
  });
  return AT_LEAST_NONE;
}

interface Sides {
  readonly source: CredentialText;
  readonly destination: CredentialText | NothingYet;
}

/** A token that is about to be renewed, or whose policy somebody removed, is no reason to say nothing. */
async function count(request: PlanRequest, ports: Counting, signal: AbortSignal): Promise<CopyPlan> {
  let refusal: OperationalError | undefined;
  for (const sidesOf of [givenSides, ambientSides]) {
    const sides = await sidesOf(request, ports);
    if (sides === undefined) continue;
    const dryRun = { ...dryRunOf(request), ...sides, signal };
    const counting = ports.execute(dryRun);
    const counted = counting.then(countedOf, () => undefined);
    const [result, expected] = await Promise.all([counting, expectationOf(request, dryRun, counted, ports)]);
    const { outcome } = result;
    if (outcome !== undefined && !isRefused(result)) return withExpected(planOf(outcome, request), expected);
    if (signal.aborted) return withExpected(AT_LEAST_NONE, expected);
    refusal = result.error;
  }
  return refusal === undefined ? UNKNOWN_UNTIL_ACCESS : unknownPlan(refusal.message);
}

function givenSides({ source, destination }: PlanRequest): Promise<Sides | undefined> {
  const [from, to] = [textOf(source, "source"), textOf(destination, "destination")];
  return Promise.resolve(from === undefined || to === undefined ? undefined : { source: from, destination: to });
}

/**
 * A side that is not ours to look at keeps the credential it was given. A destination that is still to be made, as in
 * the first preview of all, has nothing: then everything in the source is to be copied.
 */
async function ambientSides(request: PlanRequest, ports: Counting): Promise<Sides | undefined> {
  const from = await ambientText(request.sourceAccount, "source", ports);
  const to = await ambientText(request.destinationAccount, "destination", ports);
  const given = textOf(request.destination, "destination");
  const nothing = to === "notThere" && given === undefined;
  const ambient = { source: isText(from) ? from : undefined, destination: isText(to) ? to : undefined };
  if (ambient.source === undefined && ambient.destination === undefined && !nothing) return undefined;
  const source = ambient.source ?? textOf(request.source, "source");
  const destination = nothing ? nothingYet(request.destinationAccount) : ambient.destination ?? given;
  return source === undefined || destination === undefined ? undefined : { source, destination };
}

/** What is to be written, table by table; undefined where that was not counted to the end. */
function countedOf(result: ExecuteResult): Counted {
  const { outcome } = result;
  if (outcome === undefined || isRefused(result) || !isWhole(outcome)) return undefined;
  return new Map(outcome.tables.map(({ table, written, deleted }) => [table, { written, deleted }]));
}

function isWhole({ stopped, tables }: RunOutcome): boolean {
  return !stopped && tables.every(({ error }) => error === undefined);
}

function nothingYet(account: unknown): NothingYet {
  const { account: name, service } = account as AccountRef;
  return { nothingYet: name, billing: service === "cosmos" ? "throughput" : "requests" };
}

function isText(ambient: CredentialText | "notThere" | undefined): ambient is CredentialText {
  return ambient !== undefined && ambient !== "notThere";
}

function unknownPlan(reason: string): CopyPlan {
  return { ...UNKNOWN_UNTIL_ACCESS, text: `unknown: ${reason}` };
}

/** A dry run that ended for another reason than its deadline says nothing of how much there is to do. */
function isRefused({ outcome, error }: ExecuteResult): boolean {
  return outcome === undefined || (error !== undefined && error.code !== "Stopped");
}

function textOf(value: unknown, side: "source" | "destination"): CredentialText | undefined {
  const known = typeof value === "string" && value !== "" && !holdsUnknown(value);
  return known ? { text: value, origin: `the ${side}'s credential` } : undefined;
}

/**
 * A connection string with one of the account's own keys; it stays in memory. Undefined where it may not be had,
 * `notThere` where the account's own management says that there is no such account.
 */
async function ambientText(
  account: unknown,
  side: "source" | "destination",
  ports: Counting,
): Promise<CredentialText | "notThere" | undefined> {
  if (account === undefined || account === null || holdsUnknown(account)) return undefined;
  try {
    const ref = account as AccountRef;
    const text = await connectionStringOf(ports.open(ref), ref);
    return { text, origin: `the ${side} account's key` };
  } catch (error) {
    if (isAccountGone(error)) return "notThere";
    // Nobody signed in, no right to the keys, no network: all mean "not by this way".
    if (error instanceof OperationalError) return undefined;
    throw error;
  }
}

function dryRunOf({ selection, deletes, conflicts, concurrency }: PlanRequest) {
  assert(selection !== undefined, "a plan is made for known tables");
  const bounded = concurrency === undefined ? {} : { concurrency };
  return { command: "copy", dryRun: true, level: "count", selection, deletes, conflicts, ...bounded } as const;
}

/** Where nothing is to be copied nothing is told of its cost. */
function withExpected(plan: CopyPlan, expected: Expectation | undefined): CopyPlan {
  const none = plan.complete && plan.pendingRows === 0 && (plan.conflicts ?? 0) === 0;
  if (expected === undefined || none) return plan;
  const { text, estimate, proof } = expected;
  return { ...plan, text: `${plan.text}\n${text}`, ...(estimate && { estimate }), ...(proof && { proof }) };
}

function planOf(outcome: RunOutcome, { deletes }: PlanRequest): CopyPlan {
  const tables = outcome.tables.map(({ table, written, deleted }) => ({ table, pendingRows: written + deleted }));
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const pendingRows = sum(tables.map((table) => table.pendingRows));
  const conflicts = sum(outcome.tables.map((table) => table.conflicts));
  const extra = sum(outcome.tables.map((table) => table.extra));
  const complete = isWhole(outcome);
  const amount = `${complete ? "" : "at least "}${quantity(pendingRows, "row")} to copy`;
  const parts = [
    complete && pendingRows === 0 ? "nothing to copy" : amount,
    ...(conflicts > 0 ? [`${quantity(conflicts, "conflict")}`] : []),
    ...(extra > 0 && deletes === "report" ? [`${formatCount(extra)} extra in the destination`] : []),
  ];
  return { pendingRows, conflicts, extra, tables, complete, text: parts.join(", ") };
}
