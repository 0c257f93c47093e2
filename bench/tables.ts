import type { BackfillResult } from "./parts/backfill";
import type { BudgetResult } from "./parts/budgets";
import type { ContenderName, CopyResult } from "./parts/copy";
import { COPY_SCENES } from "./parts/copy";
import type { Requirement } from "./requirements";
import { ratioToTuned, requirementsOf, thousands } from "./requirements";
import type { Results } from "./results";
import type { Figures } from "./sample";
import type { Spread } from "./statistics";

const NAMES: Readonly<Record<ContenderName, string>> = {
  pythonTutorial: "Python SDK, tutorial loop",
  sdkTutorial: "JavaScript SDK, tutorial loop",
  sdkTuned: "JavaScript SDK, tuned",
  landbridge: "landbridge",
};

/** A Markdown table; numbers are aligned to the right. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = heads.map((_, column) => (column === 0 ? "---" : "---:"));
  return [line(heads), line(rule), ...rows.map(line)].join("\n");
}

const range = ({ median, min, max }: Spread, show: (value: number) => string) =>
  min === max ? show(median) : `${show(median)} (${show(min)}-${show(max)})`;
const tenths = (value: number) => value.toFixed(1);
const whole = (value: number) => value.toFixed(0);

function costs({ clientCpuUs, workCpuUs, serverCpuUs, rssMib }: Figures): readonly string[] {
  const digits = clientCpuUs.median < 100 ? tenths : whole;
  return [
    range(clientCpuUs, digits), digits(workCpuUs.median), digits(serverCpuUs.median), range(rssMib, whole),
  ];
}

function copyRow(copy: readonly CopyResult[], result: CopyResult): readonly string[] {
  const { contender, inFlight, extrapolated, figures } = result;
  const ratio = ratioToTuned(copy, result);
  const name = inFlight === undefined ? NAMES[contender] : `${NAMES[contender]}, ${inFlight} in flight`;
  const { comparison } = figures;
  return [
    extrapolated ? `${name} *` : name,
    thousands(figures.rows),
    range(figures.rowsPerSecond, thousands),
    ratio === undefined ? "-" : `${ratio < 1 ? ratio.toFixed(2) : ratio.toFixed(1)}x`,
    ...costs(figures),
    comparison === undefined ? "-" : `${thousands(comparison.altered)} / ${thousands(comparison.missing)}`,
  ];
}

const COPY_HEADS = [
  "Client", "rows", "rows/s", "against tuned", "CPU us/row", "without start", "server CPU us/row", "RSS MiB",
  "rows altered / lost",
];

function copyTables(copy: readonly CopyResult[]): readonly string[] {
  return COPY_SCENES.flatMap(({ shape, latencyMs }) => {
    const scene = copy.filter((one) => one.shape === shape && one.latencyMs === latencyMs);
    if (scene.length === 0) return [];
    const rows = shape === "batchable" ? "Partitions of 250 rows" : "One row per partition";
    const title = `**${rows}, the server answers after ${latencyMs} ms**`;
    return [`${title}\n\n${table(COPY_HEADS, scene.map((one) => copyRow(copy, one)))}`];
  });
}

function requirementTable(requirements: readonly Requirement[]): string {
  return table(
    ["Asked for", "asked", "measured", "met"],
    requirements.map(({ what, asked, measured, met }) => [what, asked, measured, met ? "yes" : "**no**"]),
  );
}

const FIGURE_HEADS = ["rows/s", "CPU us/row", "without start", "server CPU us/row", "RSS MiB"];

function budgetRow(name: string, result: BudgetResult): readonly string[] {
  return [
    name, thousands(result.rows), (result.elapsedMs / 1_000).toFixed(1), thousands(result.limit),
    `${(result.share * 100).toFixed(1)} %`, thousands(result.refusals), String(result.errors.length),
    thousands(result.missing),
  ];
}

function budgetTable({ hot, uneven }: Results): readonly string[] {
  const rows = [
    ...(hot === undefined ? [] : [budgetRow("one hot partition", hot)]),
    ...(uneven === undefined ? [] : [budgetRow(`${uneven.tables} tables of uneven size`, uneven)]),
  ];
  if (rows.length === 0) return [];
  const heads = ["Copy", "rows", "seconds", "limit rows/s", "used", "503 answered", "errors", "rows lost"];
  return [`**Within the service's limits**\n\n${table(heads, rows)}`];
}

function backfillTable(backfill: readonly BackfillResult[]): readonly string[] {
  const rows = backfill.map((one) => [
    `${(one.share * 100).toFixed(1)} %`, thousands(one.rows), thousands(one.written), tenths(one.elapsedMs / 1_000),
    thousands((one.rows * 1_000) / one.elapsedMs), tenths(one.cpuUsPerRow), tenths(one.serverCpuUsPerRow),
    whole(one.rssMib), `${thousands(one.comparison.altered)} / ${thousands(one.comparison.missing)}`,
  ]);
  const heads = [
    "Changed", "rows of the table", "rows written", "seconds", "rows scanned/s", "CPU us/row scanned",
    "server CPU us/row", "RSS MiB", "rows altered / lost",
  ];
  return titled("Following changes: one run of `landbridge sync`", heads, rows);
}

const EXTRAPOLATED = "\\* So few rows that larger tables are extrapolated to.";

function titled(title: string, heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0 ? [] : [`**${title}**\n\n${table(heads, rows)}`];
}

/** Every table, in Markdown. */
export function tablesOf(results: Results): string {
  const { copy = [], verify = [], growth = [], backfill = [], machine, settings } = results;
  const requirements = requirementsOf(results);
  const about =
    `${results.startedAt.slice(0, 10)}; ${machine.cores} x ${machine.cpu}, Node ${machine.node.slice(1)}; ` +
    `medians of ${settings.rounds}, alternated (lowest-highest).`;
  const verified = verify.map(({ latencyMs, figures }) => [
    `${latencyMs} ms`, thousands(figures.rows), range(figures.rowsPerSecond, thousands), ...costs(figures),
  ]);
  const grown = growth.map(({ rows, figures }) => [
    thousands(rows), range(figures.rowsPerSecond, thousands), ...costs(figures),
  ]);
  return [
    about,
    ...(requirements.length === 0 ? [] : [requirementTable(requirements)]),
    ...copyTables(copy),
    ...(copy.some(({ extrapolated }) => extrapolated) ? [EXTRAPOLATED] : []),
    ...titled("Verification, every row of two equal sides", ["Latency", "rows of both", ...FIGURE_HEADS], verified),
    ...titled("Growth", ["Entities", ...FIGURE_HEADS], grown),
    ...budgetTable(results),
    ...backfillTable(backfill),
    ...results.skipped,
  ].join("\n\n");
}
