import { readFile, stat } from "node:fs/promises";

import { OperationalError } from "../engine/errors";
import { checkReport, REPORT_BYTES_MAX } from "../report/check";
import { renderHtml } from "../report/html/page";
import type { Report } from "../report/schema";
import { describeFileError, writeFileAtomically } from "../report/write";
import type { Output } from "./output";
import { reportFields, runSummary } from "./summary";

export interface ReportOptions {
  readonly html?: string;
  readonly check?: boolean;
}

const EXIT_BY_VERDICT: Readonly<Record<Report["verdict"], number>> = {
  equal: 0, synced: 0, different: 1, incomplete: 3,
};

async function readReport(file: string): Promise<Report> {
  let text: string;
  try {
    const { size } = await stat(file);
    // Read no more than a report can be; the check says the rest.
    text = size > REPORT_BYTES_MAX ? " ".repeat(REPORT_BYTES_MAX + 1) : await readFile(file, "utf8");
  } catch (cause) {
    throw new OperationalError({
      code: "ReportUnreadable",
      message: `${file} cannot be read (${describeFileError(cause)}). Give the file that --report wrote.`,
      cause,
    });
  }
  return checkReport(text, file);
}

/**
 * `landbridge report FILE`: reads a report, always checks its hash, and shows it. With `html`, renders it for people;
 * with `check`, the exit code repeats the report's verdict. Throws OperationalError for a file that is not as written.
 */
export async function reportCommand(output: Output, file: string, options: ReportOptions): Promise<number> {
  const report = await readReport(file);
  if (options.html !== undefined) await writeFileAtomically(options.html, renderHtml(report));
  const exitCode = options.check === true ? EXIT_BY_VERDICT[report.verdict] : 0;
  const text = `${runSummary(report, { report: file, ...(options.html !== undefined && { html: options.html }) })}\n` +
    "The hash fits the content. Compare it with the one that the run printed.";
  output.result(text, { exitCode, report: reportFields(report) });
  return exitCode;
}
