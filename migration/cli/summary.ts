import type { PreflightOutcome } from "../engine/outcome";
import type { ExecuteResult } from "../run/request";
import { describeKey } from "../engine/row";
import type { Report, ReportProperty, ReportSample, ReportTable } from "../report/schema";
import { formatCount, formatDuration } from "../report/statusLine";
import { estimateLines, usedLines } from "../report/reckonedWords";
import { syncText } from "../report/syncWords";
import { differencesOf, quantity, tableWords, verdictWords } from "../report/words";

/** Differences printed at the end of a run; a report has more, a differences file every one. */
const DIFFERENCES_SHOWN_MAX = 10;

function counts(table: ReportTable, report: Report): string {
  const counted = table.verdict !== "incomplete" && !report.dryRun && report.command !== "sync";
  const accepted = report.settings.deletes === "accept" ? " (accepted)" : "";
  const moving = syncText(table);
  const parts = [
    ...(moving === undefined ? [] : [moving]),
    report.command === "sync" ? "" : `${formatCount(table.source.count)} in the source`,
    counted ? `${formatCount(table.destination.count)} in the destination` : "",
    report.command !== "verify" ? `${formatCount(table.written)} ${report.dryRun ? "to write" : "written"}` : "",
    report.command !== "verify" ? `${formatCount(table.unchanged)} unchanged` : "",
    table.deleted > 0 ? `${formatCount(table.deleted)} ${report.dryRun ? "to delete" : "deleted"}` : "",
    table.missing > 0 ? `${formatCount(table.missing)} missing` : "",
    table.extra > 0 ? `${formatCount(table.extra)} extra${accepted}` : "",
    table.different > 0 ? `${formatCount(table.different)} different` : "",
    table.conflicts > 0 ? quantity(table.conflicts, "conflict") : "",
    table.inFlight > 0 ? `${formatCount(table.inFlight)} in flight` : "",
    ...table.skipped.map(({ reason, count }) => `${formatCount(count)} left out (${reason})`),
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function tableLines(report: Report): readonly string[] {
  const names = report.tables.map(({ table, destinationTable }) =>
    table === destinationTable ? table : `${table} -> ${destinationTable}`);
  const labels = report.tables.map((table) => tableWords(table, report).label);
  const width = (texts: readonly string[]) => Math.max(0, ...texts.map((text) => text.length));
  return report.tables.map((table, index) => {
    const name = (names[index] ?? "").padEnd(width(names));
    const label = (labels[index] ?? "").padEnd(width(labels));
    // What the error has to say stands on stderr, once for all tables that met it.
    const failure = table.error === undefined ? "" : ` (${table.error.code})`;
    return `  ${name}  ${label}  ${counts(table, report)}${failure}`;
  });
}

function typedText(typed: ReportProperty["source"]): string {
  if (typed === undefined) return "absent";
  return typed.value === undefined ? typed.type : `${typed.type} ${JSON.stringify(typed.value)}`;
}

interface Shown {
  readonly table: string;
  readonly sample: ReportSample;
}

/** The first of each class in turn, so that many missing rows do not hide the one that is extra; in their order. */
function ofEachClass(all: readonly Shown[]): readonly Shown[] {
  const turns = new Map<Shown, number>();
  const seen = new Map<string, number>();
  for (const one of all) {
    const turn = seen.get(one.sample.class) ?? 0;
    turns.set(one, turn);
    seen.set(one.sample.class, turn + 1);
  }
  const chosen = [...all].sort((a, b) => (turns.get(a) ?? 0) - (turns.get(b) ?? 0)).slice(0, DIFFERENCES_SHOWN_MAX);
  return all.filter((one) => chosen.includes(one));
}

function differenceLines(report: Report): readonly string[] {
  const all = report.tables.flatMap((table) => table.samples.map((sample) => ({ table: table.table, sample })));
  const shown = ofEachClass(all).map(({ table, sample }) => {
    const properties = sample.properties.map(({ name, source, destination }) =>
      `${name} (${typedText(source)} -> ${typedText(destination)})`);
    const kind = sample.class === "inFlight" ? "in flight" : sample.class;
    return `  ${kind}  ${table} ${describeKey(sample)}${properties.length === 0 ? "" : `  ${properties.join(", ")}`}` +
      (sample.reason === undefined ? "" : `  (${sample.reason})`);
  });
  const total = report.tables.reduce((sum, table) => sum + differencesOf(table, report) + table.inFlight, 0);
  const more = total - shown.length;
  const rest = more > 0 ? [`  and ${formatCount(more)} more: --differences FILE.jsonl writes every one`] : [];
  return shown.length === 0 ? [] : ["", "First differences (source -> destination):", ...shown, ...rest];
}

/** A report as a log line carries it: all but the chart's points. */
export function reportFields(report: Report): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(report).filter(([name]) => name !== "throughput"));
}

/** What a run came to, for people, in a dozen lines. Foreign text is made printable by the output. */
export function runSummary(
  report: Report,
  files: { readonly report?: string; readonly signature?: string; readonly html?: string },
): string {
  const words = verdictWords(report);
  const took = formatDuration(Date.parse(report.finishedAt) - Date.parse(report.startedAt));
  return [
    `${words.headline}.`,
    words.explanation,
    "",
    ...tableLines(report),
    ...new Set(report.tables.flatMap(({ sync }) => sync?.notes ?? [])),
    ...differenceLines(report),
    "",
    `From ${report.source} to ${report.destination}, in ${took}.`,
    ...usedLines(report),
    ...(files.report === undefined ? [] : [`Report ${files.report} (${report.hash})`]),
    ...(files.signature === undefined ? [] : [`Signature ${files.signature}`]),
    ...(files.html === undefined ? [] : [`Page ${files.html}`]),
  ].join("\n");
}

/** A side whose table is not there yet tells no time. */
function skewText(skewMs: number | undefined): string {
  return skewMs === undefined ? "not measured" : `${formatDuration(skewMs)} apart from this machine's`;
}

/** What a preflight found, errors first. `asked`: its cost was asked for. */
export function preflightSummary(outcome: PreflightOutcome, cost: ExecuteResult["cost"], asked: boolean): string {
  const order = { error: 0, warning: 1, info: 2 } as const;
  const findings = [...outcome.findings].sort((a, b) => order[a.severity] - order[b.severity]);
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const create = outcome.tablesToCreate;
  return [
    outcome.ok ? "Ready: nothing stands in the way of a copy." : `Not ready: ${quantity(errors, "problem")}.`,
    ...findings.map(({ severity, code, side, message }) => `  ${severity} (${side}, ${code}): ${message}`),
    ...(create.length === 0 ? [] : [`A copy would create ${quantity(create.length, "table")}: ${create.join(", ")}.`]),
    `Clocks: ${skewText(outcome.clockSkewMs.source)} (source), ` +
      `${skewText(outcome.clockSkewMs.destination)} (destination).`,
    ...(outcome.estimate === undefined ? [] : estimateLines(outcome.estimate, cost, asked)),
  ].join("\n");
}
