import { z } from "zod";
import { VERIFY_LEVELS } from "../engine/settings";
import type { Report } from "../report/schema";
import { verdictWords } from "../report/words";
import { execute } from "../run/execute";
import type { ExecuteResult } from "../run/request";
import { proofReckoningOf } from "./copyCost";
import { failuresIn, parseInputs, tableInputField } from "./fields";
import { PartialResult, plain, same, type Handler, type Properties } from "./handler";
import { notProven } from "./notProven";
import { accessPorts } from "./ports";
import {
  newRunId, progressTo, reportFields, reportFiles, selectionOf, summariesOf, type RunHandlerPorts,
} from "./runs";
import { runSteps } from "./runSteps";
import { holdsUnknown } from "./unknown";

const settingsFields = {
  tables: z.union([z.literal("all"), z.array(tableInputField).min(1, "Name at least one table, or write \"all\".")]),
  level: z.enum(VERIFY_LEVELS),
  deletes: z.enum(["report", "propagate", "accept"]),
  sampleRows: z.number().int().min(1).max(1_000_000).optional(),
  concurrency: z.number().int().min(1).max(256).optional(),
  frozen: z.boolean(),
  /** Any new text asks for the proof once more; without one nothing is asked. */
  again: z.string().optional(),
  ...reportFields,
};
const credential = z.string().min(1, "There is no credential. Open temporary access first.");
const fields = { ...settingsFields, afterRun: z.string(), source: credential, destination: credential };

/** A proof is another one when these change. */
const COMPARED = ["tables", "level", "deletes", "sampleRows", "afterRun"] as const;
const NOT_YET = "Access is closed (frozen) and nothing has been verified yet: open temporary access, and run again.";

/** Proves that both sides are equal, or fails the step and says where they are not. */
export function tableVerificationHandler(ports: RunHandlerPorts): Handler {
  async function run(id: string, news: Properties): Promise<Properties> {
    const inputs = parseInputs(fields, news);
    const runId = newRunId(ports.clock);
    const files = await reportFiles(inputs, runId, "verify");
    const { level, deletes, sampleRows, concurrency } = inputs;
    const result = await ports.execute({
      command: "verify",
      level,
      source: { text: inputs.source, origin: "the source's credential" },
      destination: { text: inputs.destination, origin: "the destination's credential" },
      selection: selectionOf(inputs.tables),
      deletes,
      conflicts: "refuse",
      runId,
      ...(sampleRows === undefined ? {} : { sampleRows }),
      ...(concurrency === undefined ? {} : { concurrency }),
      ...files,
      ...proofReckoningOf(news),
      progress: progressTo(ports),
      notice: ports.say,
    });
    const { report } = result;
    if (report === undefined) throw result.error ?? new Error("A verification ended without a report and an error.");
    const outs = outputsOf(news, report, files.reportFile, new Date(ports.clock.now()).toISOString());
    if (isProven(result)) return outs;
    throw new PartialResult(id, news, outs, notProven(report, result.error, files.htmlFile));
  }

  return {
    async check(olds, news) {
      if (news["frozen"] !== true) return { inputs: news, failures: failuresIn(fields, news) };
      const first = Object.keys(olds).length === 0;
      const failures = failuresIn(settingsFields, news);
      const inputs = news;
      return { inputs, failures: first ? [...failures, { property: "frozen", reason: NOT_YET }] : failures };
    },
    async diff(_id, olds, news) {
      if (news["frozen"] === true) return { changes: false };
      const differs = (name: string) => !same(olds[name], news[name]);
      if (COMPARED.some((name) => holdsUnknown(news[name]) || differs(name))) return { changes: true };
      if (news["again"] !== undefined && differs("again")) return { changes: true };
      return { changes: olds["verdict"] !== "equal" };
    },
    ...runSteps(() => `verification-${newRunId(ports.clock)}`, NOT_YET, run),
    // A proof has nothing to take back.
    delete: () => Promise.resolve(),
  };
}

function isProven({ exitCode, error, report }: ExecuteResult): boolean {
  return exitCode === 0 && error === undefined && report?.verdict === "equal";
}

function outputsOf(news: Properties, report: Report, reportPath: string, verifiedAt: string): Properties {
  const kept = [...Object.keys(settingsFields), "afterRun"];
  const settings = Object.fromEntries(kept.map((name) => [name, news[name]]));
  const { headline, explanation } = verdictWords(report);
  const summary = `${headline}. ${explanation}`;
  const { verdict } = report;
  return plain({ ...settings, verdict, summary, tableSummaries: summariesOf(report), reportPath, verifiedAt });
}

export const { check, diff, create, read, update, delete: remove } =
  tableVerificationHandler({ ...accessPorts, execute });
export { remove as delete };
