import { createHash } from "node:crypto";
import { z } from "zod";
import { OperationalError } from "../engine/errors";
import { VERIFY_LEVELS } from "../engine/settings";
import { isOutcomeAddress, readOutcome } from "../access/outcomeBlob";
import { checkReport } from "../report/check";
import type { Report } from "../report/schema";
import { quantity, verdictWords } from "../report/words";
import { writeReports } from "../run/files";
import { signingKeyAt } from "../run/fromEnvironment";
import { openSigner } from "../run/signing/openSigner";
import { signReportFile } from "../run/signing/signReportFile";
import { accessPorts } from "./ports";
import { failuresIn, parseInputs } from "./fields";
import { PartialResult, plain, type Handler, type Properties } from "./handler";
import { notProven } from "./notProven";
import {
  newRunId, reportFields, reportFiles, summariesOf, type ReportPlace, type RunHandlerPorts,
} from "./runs";
import { runSteps } from "./runSteps";
import { holdsUnknown } from "./unknown";

const STEPS = ["copy", "verify"] as const;
type Step = (typeof STEPS)[number];

const settingsFields = {
  /** What the host was asked to do, in order; the last one has the last word. */
  steps: z.array(z.enum(STEPS)).min(1),
  level: z.enum(VERIFY_LEVELS),
  /** Names in the source. "all" where the host itself listed them. */
  tables: z.union([z.literal("all"), z.array(z.string())]),
  frozen: z.boolean(),
  ...reportFields,
  host: z.string().min(1),
  /** Where blobs with outcomes are. */
  tenantId: z.string().optional(),
};
const fields = { ...settingsFields, outcomes: z.array(z.string()), runId: z.string().regex(/^[\w-]+$/) };

const frame = z.object({
  step: z.enum(STEPS),
  run: z.string(),
  exitCode: z.number().int(),
  report: z.record(z.string(), z.unknown()),
});

const NOT_YET = "Access is closed (frozen) and nothing has been brought back from a host yet: open temporary access, "
  + "and run again.";

/** A host does nothing where nothing changed that it is told. */
const AGAIN = "Have the host run again: pulumi up --config landbridge:verifyAgain=$(date +%s).";

/** One step's outcome as the host printed it, checked: whole, unchanged, and of this step. */
interface Brought {
  readonly step: Step;
  readonly run: string;
  readonly exitCode: number;
  readonly report: Report;
}

function refuse(host: string, reason: string): never {
  throw new OperationalError({
    code: "HostReportInvalid",
    message: `What ${host} brought back ${reason}. Nothing is known of the run. ${AGAIN} If it stays so, look at `
      + "what else writes to the standard output of that host's sessions (a login script), and silence it.",
  });
}

function parseOutcome(text: string, step: Step, host: string): Brought {
  const at = text.indexOf(`{"step":"${step}",`);
  let value: unknown;
  try {
    // A host may greet before it obeys.
    value = JSON.parse(text.slice(Math.max(at, 0)));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return refuse(host, `from \`${step}\` is no outcome (${text.length} characters)`);
  }
  const parsed = frame.safeParse(value);
  if (!parsed.success || parsed.data.step !== step) return refuse(host, `from \`${step}\` is no outcome of it`);
  const { run, exitCode, report } = parsed.data;
  return { step, run, exitCode, report: checkReport(JSON.stringify(report), `The report of \`${step}\` on ${host}`) };
}

/** A report can be sound and still not answer what was asked. */
function refuseOther({ step, run, report }: Brought, wanted: z.infer<z.ZodObject<typeof fields>>): void {
  const { host, level, tables, runId } = wanted;
  if (run !== runId) refuse(host, `from \`${step}\` is of run ${JSON.stringify(run)}, and this is run ${runId}`);
  if (report.command !== step || report.dryRun) refuse(host, `from \`${step}\` is the report of a ${report.command}`);
  if (step === "verify" && report.level !== level) {
    refuse(host, `was compared at level ${report.level}, and ${level} was asked for`);
  }
  if (tables === "all") return;
  const reported = report.tables.map(({ table }) => table);
  const missing = tables.filter((table) => !reported.includes(table));
  if (missing.length > 0) refuse(host, `from \`${step}\` says nothing of ${missing.join(", ")}`);
}

/** A verification of other accounts than those that were copied proves nothing of them. */
function refuseOtherAccounts(brought: readonly Brought[], host: string): void {
  const pairs = new Set(brought.map(({ report: { source, destination } }) => `from ${source} to ${destination}`));
  if (pairs.size > 1) refuse(host, `is of different accounts: ${[...pairs].join(", and ")}`);
}

/** The verdict that each step has to end with. A copy has none of its own here: a verification follows. */
function isDone({ step, exitCode, report }: Brought): boolean {
  if (exitCode !== 0 || report.stopped) return false;
  if (step === "copy") {
    return report.tables.every(({ verdict, error }) => verdict !== "different" && error === undefined);
  }
  return report.verdict === "equal";
}

/** Outcomes are long: what tells two of them apart is kept in their place. */
function digestOf(outcomes: unknown): string {
  return createHash("sha256").update(JSON.stringify(outcomes)).digest("hex");
}

function outputsOf(
  news: Properties,
  brought: readonly Brought[],
  last: Report,
  reportPath: string,
): Properties {
  const settings = Object.fromEntries(Object.keys(settingsFields).map((name) => [name, news[name]]));
  const { headline, explanation } = verdictWords(last);
  const copied = brought.find(({ step }) => step === "copy")?.report.tables;
  const written = (copied ?? last.tables).reduce((sum, table) => sum + table.written, 0);
  const summary = `${headline}. ${explanation} On ${String(news["host"])}: ${quantity(written, "row")} written.`;
  return plain({
    ...settings,
    verdict: last.verdict,
    summary,
    tableSummaries: summariesOf(last),
    reportPath,
    verifiedAt: last.finishedAt,
    runId: news["runId"],
    outcomesDigest: digestOf(news["outcomes"]),
  });
}

/** Writes each step's report, and signs all of them with one key, which never goes to the host. */
async function keep(
  brought: readonly Brought[],
  { reportFolder, signingKey }: ReportPlace,
  runId: string,
  open: typeof openSigner,
) {
  const kept: { readonly one: Brought; readonly reportFile: string; readonly htmlFile: string }[] = [];
  for (const one of brought) {
    const files = await reportFiles({ reportFolder }, runId, one.step);
    await writeReports(one.report, files);
    kept.push({ one, ...files });
  }
  // After all are written: a key that cannot be read costs no report.
  if (signingKey !== undefined) {
    const signer = await open(await signingKeyAt(signingKey));
    for (const { one, reportFile } of kept) await signReportFile(one.report, reportFile, signer);
  }
  return kept;
}

/**
 * Takes what a host brought back: checks it, keeps its reports here, and fails the step unless the host did all that it
 * was asked to do and proved it.
 */
export function hostReportHandler(
  ports: Pick<RunHandlerPorts, "clock">,
  read = readOutcome,
  open = openSigner,
): Handler {
  async function run(id: string, news: Properties): Promise<Properties> {
    const inputs = parseInputs(fields, news);
    const { steps, outcomes, host } = inputs;
    const texts = await Promise.all(outcomes.map((outcome) => {
      return isOutcomeAddress(outcome) ? read(outcome, inputs.tenantId) : outcome;
    }));
    const brought = steps.map((step, index) => parseOutcome(texts[index] ?? "", step, host));
    brought.forEach((one) => refuseOther(one, inputs));
    refuseOtherAccounts(brought, host);
    const last = brought.at(-1);
    if (last === undefined) throw new Error("A host is always asked to do something.");
    // A HostRun looks for them under its own.
    const kept = await keep(brought, inputs, inputs.runId, open);
    const failed = kept.find(({ one }) => !isDone(one));
    const reportPath = kept.at(-1)?.reportFile ?? "";
    const outs = { ...outputsOf(news, brought, last.report, reportPath), complete: failed === undefined };
    if (failed === undefined) return outs;
    const { code, message } = notProven(failed.one.report, undefined, failed.htmlFile);
    const remedy = "The next `pulumi up` here has the host run again; on another machine it takes "
      + "--config landbridge:verifyAgain=$(date +%s).";
    throw new PartialResult(id, news, outs, new OperationalError({ code, message: `${message} ${remedy}` }));
  }

  return {
    async check(olds, news) {
      if (news["frozen"] !== true) return { inputs: news, failures: failuresIn(fields, news) };
      const failures = failuresIn(settingsFields, news);
      const first = Object.keys(olds).length === 0;
      const notYet = first ? [{ property: "frozen", reason: NOT_YET }] : [];
      return { inputs: news, failures: [...failures, ...notYet] };
    },
    async diff(_id, olds, news) {
      if (news["frozen"] === true) return { changes: false };
      // Every run brings another outcome; one that was not proven is judged again, with the same words.
      if (holdsUnknown(news["outcomes"]) || olds["complete"] !== true) return { changes: true };
      return { changes: olds["outcomesDigest"] !== digestOf(news["outcomes"]) };
    },
    ...runSteps(() => `host-report-${newRunId(ports.clock)}`, NOT_YET, run),
    // A report has nothing to take back.
    delete: () => Promise.resolve(),
  };
}

export const { check, diff, create, read, update, delete: remove } = hostReportHandler(accessPorts);
export { remove as delete };
