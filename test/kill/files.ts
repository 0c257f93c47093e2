import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkReport } from "../../migration/report/check";

export const FILES = { report: "report.json", html: "report.html", differences: "differences.jsonl" } as const;

export const FILE_OPTIONS = Object.entries(FILES).flatMap(([option, file]) => [`--${option}`, file]);

/** What is being put into its place in one moment: nothing can take it away from a process that dies just then. */
const PARTIAL = /^\.(report\.json|report\.html|differences\.jsonl)\.[0-9a-f-]{36}\.partial$/;

export interface FilesFound {
  /** What is not as it should be, for people. */
  readonly problems: readonly string[];
  /** Reports that are there, and whole. */
  readonly whole: readonly string[];
  /** Reports that the kill met while they were put into their place. */
  readonly partials: number;
}

function problemOf(folder: string, file: string, differences: number): string | undefined {
  const text = readFileSync(join(folder, file), "utf8");
  if (file === FILES.report) {
    try {
      checkReport(text, file);
      return undefined;
    } catch (error) {
      return String(error);
    }
  }
  if (file === FILES.html) return text.trimEnd().endsWith("</html>") ? undefined : "a page without its end";
  const lines = text.split("\n");
  if (lines.pop() !== "") return "the last line has no end";
  const broken = lines.filter((line) => !line.startsWith("{") || !line.endsWith("}")).length;
  if (broken > 0) return `${broken} lines are broken`;
  return lines.length === differences ? undefined : `${lines.length} differences instead of ${differences}`;
}

/** Whatever a process left in its working directory. `differences`: how many a whole list has. */
export function filesIn(folder: string, differences: number): FilesFound {
  const known: readonly string[] = Object.values(FILES);
  const names = readdirSync(folder);
  const partials = names.filter((name) => PARTIAL.test(name)).length;
  const strange = names.filter((name) => !known.includes(name) && !PARTIAL.test(name));
  const present = names.filter((name) => known.includes(name));
  const problems = present.flatMap((name) => {
    const problem = problemOf(folder, name, differences);
    return problem === undefined ? [] : [`${name}: ${problem}`];
  });
  return {
    problems: [...problems, ...strange.map((name) => `${name} was left behind`)],
    whole: present,
    partials,
  };
}
