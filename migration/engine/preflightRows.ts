import { PartitionTally } from "./partitionTally";
import { operational } from "./eachTable";
import { OperationalError } from "./errors";
import { type TableSample, TableSampler } from "./estimate/tableSample";
import type { PreflightFinding } from "./outcome";
import { withRetry } from "./retry";
import { describeKey, type Row } from "./row";
import type { Run } from "./run";
import type { TableSettings } from "./settings";
import { throwIfStopped } from "./stop";
import type { Page, PageRequest } from "./store";
import { expectedRow } from "./transform";

/** How far a preflight looks. */
export interface PreflightDepth {
  /** Rows per table, at most. */
  readonly rowsMax: number;
  /** Reckon how much there is, and sample what lies beyond those rows. */
  readonly estimate: boolean;
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

/** What was found in the rows of one table. */
export interface CheckedRows {
  readonly findings: readonly PreflightFinding[];
  /** Absent where it was not asked for, or the table could not be read. */
  readonly sample?: TableSample;
}

/** Looks at a table's rows, page by page, and reckons how many there are where that is asked for. */
export async function checkRows(
  run: Run,
  settings: TableSettings,
  depth: PreflightDepth,
): Promise<CheckedRows> {
  const { source, destination, format, clock } = run.context;
  const { table, filter } = settings;
  const findings: PreflightFinding[] = [];
  const tally = format.capacity && new PartitionTally(format.capacity, source.ordered);
  const receiving = { store: destination, capacity: format.capacity };
  const sampler = depth.estimate ? new TableSampler(run, settings, receiving) : undefined;
  const failed = ({ code, message }: OperationalError): CheckedRows => ({
    findings: [...findings, { severity: "error", code, side: "source", table, message: `Table ${table}: ${message}` }],
  });
  let seen = 0;
  let request: PageRequest | undefined = { rowsMax: PAGE_ROWS, ...(filter === undefined ? {} : { filter }) };
  while (request !== undefined && seen < depth.rowsMax) {
    throwIfStopped(run.signal);
    const asked: PageRequest = request;
    const askedAtMs = clock.now();
    const page: Page | OperationalError = await operational(() =>
      withRetry(run.reading, () => source.readPage(table, asked)));
    if (page instanceof OperationalError) return failed(page);
    sampler?.add(page.rows, clock.now() - askedAtMs);
    for (const row of page.rows) {
      tally?.add(row);
      if (findings.length < ROW_FINDINGS_MAX) findings.push(...(await rowFindings(run, settings, row)));
    }
    seen += page.rows.length;
    request = page.next === undefined ? undefined : { ...asked, continuation: page.next };
  }
  findings.push(...(tally?.findings(table) ?? []));
  if (!sampler) return { findings };
  const complete = request === undefined;
  const sample = await operational(() => sampler.finish(complete));
  throwIfStopped(run.signal);
  return sample instanceof OperationalError ? failed(sample) : { findings, sample };
}
