import { CapacityTally, type CapacityPlan } from "./capacity";
import { operational } from "./eachTable";
import { OperationalError } from "./errors";
import type { PreflightFinding } from "./outcome";
import { withRetry } from "./retry";
import { describeKey, type Row } from "./row";
import type { Run } from "./run";
import type { TableSettings } from "./settings";
import type { Page, PageRequest } from "./store";
import { expectedRow } from "./transform";

/** How far a preflight looks, and what it reckons with. */
export interface PreflightDepth {
  /** Rows per table, at most. */
  readonly rowsMax: number;
  readonly capacity: CapacityPlan;
}

/** Rows per table looked at before a copy writes anything; the copy itself meets the others. */
export const ROWS_CHECKED_MAX = 1_000;

/** Findings about rows of one table, at most. */
const ROW_FINDINGS_MAX = 10;
const PAGE_ROWS = 1_000;

/** What the destination's rules say of one row, in the form that the destination would get. */
async function rowFindings(run: Run, settings: TableSettings, row: Row): Promise<readonly PreflightFinding[]> {
  const expected = await operational(async () => expectedRow({ run, settings }, row));
  const problems = expected instanceof OperationalError ? [expected] : run.context.format.check(expected);
  return problems.map(({ code, message }) => {
    const text = message.includes(describeKey(row)) ? message : `Row ${describeKey(row)}: ${message}`;
    const { table } = settings;
    return { severity: "error", code, side: "source", table, message: `Table ${table}: ${text}` };
  });
}

/** Looks at a table's rows, page by page, and sums up what they will take where the destination has rules for that. */
export async function checkRows(
  run: Run,
  settings: TableSettings,
  depth: PreflightDepth,
): Promise<readonly PreflightFinding[]> {
  const { source, format } = run.context;
  const { table, filter } = settings;
  const findings: PreflightFinding[] = [];
  const tally = format.capacity && new CapacityTally(format.capacity, source.ordered);
  let seen = 0;
  let request: PageRequest | undefined = { rowsMax: PAGE_ROWS, ...(filter === undefined ? {} : { filter }) };
  while (request !== undefined && seen < depth.rowsMax) {
    const asked: PageRequest = request;
    const page: Page | OperationalError = await operational(() =>
      withRetry(run.reading, () => source.readPage(table, asked)));
    if (page instanceof OperationalError) {
      const message = `Table ${table}: ${page.message}`;
      return [...findings, { severity: "error", code: page.code, side: "source", table, message }];
    }
    for (const row of page.rows) {
      tally?.add(row);
      if (findings.length < ROW_FINDINGS_MAX) findings.push(...(await rowFindings(run, settings, row)));
    }
    seen += page.rows.length;
    request = page.next === undefined ? undefined : { ...asked, continuation: page.next };
  }
  return [...findings, ...(tally?.findings(table, request === undefined, depth.capacity) ?? [])];
}
