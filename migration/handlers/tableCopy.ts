import { z } from "zod";
import { OperationalError } from "../engine/errors";
import type { Report } from "../report/schema";
import { formatCount, formatDuration } from "../report/statusLine";
import { quantity } from "../report/words";
import { execute } from "../run/execute";
import type { ExecuteResult } from "../run/request";
import { closeMove, closingField, isToBeClosed } from "./closing";
import { costFields, movePlanOf, pricesOf, proofOf, reckoningOf, withPriceFailures } from "./copyCost";
import { isPending, planCopy, type CopyPlan, type PlanRequest } from "./copyPlan";
import { accountField, failuresIn, parseInputs, tableInputField } from "./fields";
import {
  PartialResult, plain, same, withoutProvider, type DiffResult, type Handler, type Properties,
} from "./handler";
import { accessPorts } from "./ports";
import {
  firstDifferences, newRunId, progressTo, reportFields, reportFiles, selectionOf, summariesOf, tableName,
  type RunHandlerPorts,
} from "./runs";
import {
  followsOn, LATE_REMEDY, liveMoveFields, liveOutputs, livePlan, refuseEarlyDone, syncRequestOf,
} from "./liveMove";
import { runSteps } from "./runSteps";
import { holdsUnknown } from "./unknown";

/** Inputs that are no secret, and that state keeps as outputs. */
const settingsFields = {
  closing: closingField.optional(),
  tables: z.union([z.literal("all"), z.array(tableInputField).min(1, "Name at least one table, or write \"all\".")]),
  deletes: z.enum(["report", "propagate", "accept"]),
  conflicts: z.enum(["refuse", "overwrite"]),
  concurrency: z.number().int().min(1).max(256, "More than 256 requests at once help no account.").optional(),
  frozen: z.boolean(),
  ...reportFields,
  planSecondsMax: z.number().min(1).max(600).optional(),
  ...costFields,
  ...liveMoveFields,
};
const credential = z.string().min(1, "There is no credential. Open temporary access first.");
const accountFields = { sourceAccount: accountField.optional(), destinationAccount: accountField.optional() };
const fields = { ...settingsFields, ...accountFields, source: credential, destination: credential };

/** A copy is another one when these change; credentials, concurrency and where reports go make no difference. */
const COMPARED = ["tables", "deletes", "conflicts", "phase", "lateConflicts"] as const;
const PLAN_SECONDS = 20;
const NOT_YET = "Access is closed (frozen) and nothing has been copied yet: open temporary access, and run again.";

/** Makes the destination match the source, row by row; a later run moves only what changed. */
export function tableCopyHandler(ports: RunHandlerPorts): Handler {
  async function run(id: string, news: Properties): Promise<Properties> {
    const inputs = parseInputs(fields, news);
    const runId = newRunId(ports.clock);
    const files = await reportFiles(inputs, runId, "copy");
    const { deletes, conflicts, concurrency } = inputs;
    const sync = syncRequestOf(inputs);
    const result = await ports.execute({
      ...(sync === undefined ? { command: "copy" } : { command: "sync", sync }),
      // TableVerification reads every row on both sides, and would otherwise do so a second time.
      level: "none",
      source: { text: inputs.source, origin: "the source's credential" },
      destination: { text: inputs.destination, origin: "the destination's credential" },
      selection: selectionOf(inputs.tables),
      deletes,
      conflicts,
      runId,
      ...(concurrency === undefined ? {} : { concurrency }),
      ...files,
      ...(sync === undefined && reckoningOf(news)),
      progress: progressTo(ports),
      notice: ports.say,
    });
    if (result.warning !== undefined) ports.say(result.warning);
    const failure = failureOf(result, files.htmlFile);
    if (result.report === undefined) throw failure ?? new Error("A copy ended without a report and without an error.");
    const outs = {
      ...outputsOf(news, result.report, files.reportFile, failure === undefined),
      ...(sync !== undefined && { sourceIdentity: result.sourceIdentity }),
    };
    if (failure === undefined) return outs;
    throw result.exitCode === 2 ? failure : new PartialResult(id, news, outs, failure);
  }

  const steps = runSteps(() => `copy-${newRunId(ports.clock)}`, NOT_YET, run);
  return {
    async check(olds, news) {
      if (news["frozen"] === true) return checkFrozen(olds, news);
      const failures = failuresIn(fields, news);
      if (failures.length > 0) return { inputs: news, failures };
      return withPriceFailures(news, async () => {
        const plan = livePlan(news["phase"]) ?? await planCopy(planRequest(news), ports);
        return { ...news, plan };
      });
    },
    diff: (_id, olds, news) => Promise.resolve(diffTableCopy(olds, news)),
    ...steps,
    async update(id, olds, news) {
      if (!isToBeClosed(olds, news)) return keepProof(olds, await steps.update(id, olds, news));
      await closeMove(olds, news, ports);
      // Report and numbers stay: they are the evidence that the source was drained.
      const { phase } = news;
      return { outs: { ...withoutProvider(olds), phase, reachedPhase: "done", frozen: true, complete: true } };
    },
    // What was copied stays: it is the user's.
    delete: () => Promise.resolve(),
  };
}

const NOT_DRAINED = "The phase before \"done\" is \"drained\", and access closes with done: set phase to drained "
  + "first, apply it with an `up` that succeeds, and then write done.";

/** Access that closed could not be used any more to drain the source. */
function endsTooSoon(before: unknown, now: unknown): boolean {
  return now === "done" && before !== "drained" && before !== "done";
}

function checkFrozen(olds: Properties, news: Properties) {
  const failures = failuresIn(settingsFields, news);
  const first = Object.keys(olds).length === 0;
  const { plan } = olds;
  return {
    inputs: plan === undefined ? news : { ...news, plan },
    failures: [
      ...failures,
      ...(first ? [{ property: "frozen", reason: NOT_YET }] : []),
      ...(!first && endsTooSoon(olds["phase"], news["phase"]) ? [{ property: "phase", reason: NOT_DRAINED }] : []),
    ],
  };
}

function planRequest(news: Properties): PlanRequest {
  const { source, destination, sourceAccount, destinationAccount } = news;
  const tables = settingsFields.tables.safeParse(news["tables"]);
  const { deletes, conflicts } = settingsFields;
  return {
    source,
    destination,
    sourceAccount,
    destinationAccount,
    selection: tables.success && !holdsUnknown(news["tables"]) ? selectionOf(tables.data) : undefined,
    deletes: deletes.catch("report").parse(news["deletes"]),
    conflicts: conflicts.catch("refuse").parse(news["conflicts"]),
    concurrency: typeof news["concurrency"] === "number" ? news["concurrency"] : undefined,
    secondsMax: typeof news["planSecondsMax"] === "number" ? news["planSecondsMax"] : PLAN_SECONDS,
    ...(news["phase"] === undefined && { movePlan: movePlanOf(news) }),
    proof: proofOf(news),
    prices: pricesOf(news),
  };
}

/** A move that is told to be done reads nothing more: the proof is that of its drained source. */
function keepProof({ verifiedAt }: Properties, { outs }: { readonly outs: Properties }): { outs: Properties } {
  if (outs["reachedPhase"] !== "done" || verifiedAt === undefined) return { outs };
  return { outs: { ...outs, verifiedAt } };
}

function diffTableCopy(olds: Properties, news: Properties): DiffResult {
  if (news["frozen"] === true) {
    refuseEarlyDone(olds, news);
    return { changes: isToBeClosed(olds, news) };
  }
  const differs = (name: string) => !same(olds[name], news[name]);
  if (COMPARED.some((name) => holdsUnknown(news[name]) || differs(name))) return { changes: true };
  if (olds["complete"] !== true) return { changes: true };
  // What was read before the source was shut says nothing of what came after; a fence that is gone changes nothing.
  if (news["afterFence"] !== undefined && differs("afterFence")) return { changes: true };
  const followed = followsOn(news["phase"]);
  if (followed !== undefined) return { changes: followed };
  const plan = news["plan"] as CopyPlan | undefined;
  const deletes = settingsFields.deletes.parse(news["deletes"]);
  return { changes: plan === undefined || holdsUnknown(plan) || isPending(plan, deletes) };
}

/** Credentials stay out of outputs: they are no result, and delete needs none. */
function outputsOf(news: Properties, report: Report, reportPath: string, complete: boolean): Properties {
  const kept = [...Object.keys(settingsFields), ...Object.keys(accountFields), "plan"];
  const settings = Object.fromEntries(kept.map((name) => [name, news[name]]));
  const { runId } = report;
  const summary = summaryOf(report);
  const live = liveOutputs(report);
  return plain({ ...settings, ...live, summary, tableSummaries: summariesOf(report), reportPath, runId, complete });
}

/** `2 tables in 3s: 24,293 rows written, 12 unchanged, 3 deleted`. */
function summaryOf({ tables, startedAt, finishedAt }: Report): string {
  const sum = (of: (table: Report["tables"][number]) => number) => tables.reduce((total, one) => total + of(one), 0);
  const written = quantity(sum(({ written: rows }) => rows), "row");
  const others = (["unchanged", "deleted"] as const).flatMap((what) => {
    const rows = sum((table) => table[what]);
    return rows > 0 ? [`${formatCount(rows)} ${what}`] : [];
  });
  const parts = [`${written} written`, ...others];
  const duration = formatDuration(Date.parse(finishedAt) - Date.parse(startedAt));
  return `${quantity(tables.length, "table")} in ${duration}: ${parts.join(", ")}`;
}

const REMEDY =
  "Put them right in the destination or in the source, or set conflicts to \"overwrite\" to have the source's rows.";

/** Why the step fails; undefined where every row was dealt with as told. Differences are the verification's to say. */
function failureOf({ error, report, outcome }: ExecuteResult, page: string): OperationalError | undefined {
  if (report === undefined) return error;
  const unfinished = report.tables.filter((table) => table.error !== undefined);
  if (error !== undefined || outcome?.stopped === true || unfinished.length > 0) {
    const reasons = unfinished.map((table) => `Table ${tableName(table)}: ${table.error?.message}`);
    const why = reasons.length > 0 ? reasons.join(" ") : error?.message ?? "The run was stopped.";
    const message = `Not everything was copied. ${why} What was copied is kept, and the next run goes on there. `
      + `The report is ${page}.`;
    return new OperationalError({ code: error?.code ?? "CopyIncomplete", message });
  }
  const overwritten = report.settings.conflicts === "overwrite" && report.command === "copy";
  const refused = report.tables.filter((table) => !overwritten && table.conflicts > 0);
  if (refused.length === 0) return notAsItShouldBe(report, page);
  const told = refused.map((table) =>
    `Table ${tableName(table)}: ${quantity(table.conflicts, "row")} (${firstDifferences(table)}).`);
  const late = report.tables.some(({ sync }) => (sync?.lateConflicts ?? 0) > 0);
  const message = `Somebody else changed rows in the destination, and they were not overwritten. ${told.join(" ")} `
    + `${late ? LATE_REMEDY : REMEDY} The report is ${page}.`;
  return new OperationalError({ code: "ConflictsRefused", message });
}

/** Rows of a live move that the destination refuses, or that its last comparison found to differ: nobody else looks. */
function notAsItShouldBe(report: Report, page: string): OperationalError | undefined {
  const wrong = report.command !== "sync" ? []
    : report.tables.filter(({ missing, different, skipped }) => missing + different + skipped.length > 0);
  if (wrong.length === 0) return undefined;
  const told = wrong.map((table) =>
    `Table ${tableName(table)}: ${quantity(table.missing + table.different, "row")} (${firstDifferences(table)}).`);
  const message = `Rows are not in the destination as they are in the source. ${told.join(" ")} Where the destination `
    + `refuses a row, change it in the source, and run again. The report is ${page}.`;
  return new OperationalError({ code: "RowsDiffer", message });
}

export const { check, diff, create, read, update, delete: remove } = tableCopyHandler({ ...accessPorts, execute });
export { remove as delete };
