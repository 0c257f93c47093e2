import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Clock } from "../engine/clock";
import { describeKey } from "../engine/row";
import type { ProgressSample } from "../engine/progress";
import type { Report, ReportTable } from "../report/schema";
import { statusLine } from "../report/statusLine";
import type { TableSummary } from "./tableSummary";
import { signingKeyAt } from "../run/fromEnvironment";
import type { ExecuteRequest, ExecuteResult, TableSelection } from "../run/request";
import type { AccessPorts } from "../access/ports";
import type { TableInputValue } from "./fields";

/** What handlers that run the engine need of the world. */
export interface RunHandlerPorts extends Pick<AccessPorts, "open" | "clock" | "say"> {
  readonly execute: (request: ExecuteRequest) => Promise<ExecuteResult>;
}

/** Between two lines of progress: Pulumi's log is no place for a status line that redraws. */
const PROGRESS_MS = 10_000;
/** Differences named in an error; the report has more, and a differences file all. */
const SAMPLES_TOLD_MAX = 5;

export function selectionOf(tables: "all" | readonly TableInputValue[]): TableSelection {
  if (tables === "all") return { names: "all", mode: "replace", overrides: [] };
  const overrides = tables.map(({ renames, ...rest }) => ({
    ...rest,
    ...(renames === undefined ? {} : { renames: Object.entries(renames).map(([from, to]) => ({ from, to })) }),
  }));
  return { names: tables.map(({ table }) => table), mode: "replace", overrides };
}

/** `20260131T101500-3f9c2a`: sorts by time. */
export function newRunId(clock: Clock): string {
  const time = new Date(clock.now()).toISOString().replace(/[-:]|\.\d+Z$/g, "");
  return `${time}-${randomBytes(3).toString("hex")}`;
}

export type ReportFiles = Pick<ExecuteRequest, "signing"> & {
  readonly reportFile: string;
  readonly htmlFile: string;
};

/** What both resources that run the engine say of their reports. */
export const reportFields = {
  reportFolder: z.string().min(1),
  /** A Key Vault key's address, or the path of a file with a private key. */
  signingKey: z.string().min(1).optional(),
};

export interface ReportPlace {
  readonly reportFolder: string;
  readonly signingKey?: string | undefined;
}

/** A run's report of one command, without what tells the form it is in (`.json`, `.html`). */
function reportBase(reportFolder: string, runId: string, what: string): string {
  return join(reportFolder, `${runId}-${what}`);
}

/** A run's report of one command, as JSON. Takes what a state says as it is. */
export function reportFileOf(reportFolder: string, runId: string, what: string): string {
  return `${reportBase(reportFolder, runId, what)}.json`;
}

/** Where a run's report goes, its folder made, and what it is signed with. */
export async function reportFiles(
  { reportFolder, signingKey }: ReportPlace,
  runId: string,
  what: Report["command"],
): Promise<ReportFiles> {
  await mkdir(reportFolder, { recursive: true });
  const signing = signingKey === undefined ? {} : { signing: await signingKeyAt(signingKey) };
  const htmlFile = `${reportBase(reportFolder, runId, what)}.html`;
  return { reportFile: reportFileOf(reportFolder, runId, what), htmlFile, ...signing };
}

export function progressTo(ports: Pick<RunHandlerPorts, "clock" | "say">): (sample: ProgressSample) => void {
  let lastMs = ports.clock.now();
  return (sample) => {
    if (ports.clock.now() - lastMs < PROGRESS_MS) return;
    lastMs = ports.clock.now();
    ports.say(statusLine(sample));
  };
}

export function summariesOf(report: Report | undefined): TableSummary[] {
  return (report?.tables ?? []).map((table) => ({
    table: table.table,
    destinationTable: table.destinationTable,
    verdict: table.verdict,
    sourceRows: table.source.count,
    destinationRows: table.destination.count,
    written: table.written,
    unchanged: table.unchanged,
    deleted: table.deleted,
    conflicts: table.conflicts,
    missing: table.missing,
    extra: table.extra,
    different: table.different,
  }));
}

/** `Cities`, or `Cities (as Towns)`. */
export function tableName({ table, destinationTable }: Pick<ReportTable, "table" | "destinationTable">): string {
  return table === destinationTable ? table : `${table} (as ${destinationTable})`;
}

/** `missing ("US", "5128581"); different ("FR", "2988507"): population`. Names only: values stay out of logs. */
export function firstDifferences({ samples }: ReportTable): string {
  const told = samples.slice(0, SAMPLES_TOLD_MAX).map((sample) => {
    const properties = sample.properties.map(({ name }) => JSON.stringify(name)).join(", ");
    return `${sample.class} ${describeKey(sample)}${properties === "" ? "" : `: ${properties}`}`;
  });
  return told.join("; ");
}
