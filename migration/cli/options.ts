import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";

import type { MovePlan } from "../engine/estimate/estimate";
import { OperationalError } from "../engine/errors";
import type { CopyMode } from "../engine/rowFormat";
import { type ConflictPolicy, type DeletePolicy, type ProofLevel, VERIFY_LEVELS } from "../engine/settings";
import { type Phase, PHASES } from "../engine/sync/syncRecord";
import { type LateConflictPolicy, QUIET_MINUTES, RECONCILE_EVERY_HOURS } from "../engine/sync/syncSettings";
import { CONCURRENCY_DEFAULT, type ExecuteRequest, type SyncRequest } from "../run/request";
import type { LogFormat } from "./output";
import { readPropertyRename, readTableRename, selectionOf } from "./renames";
import type { PropertyRename, TableRename } from "./renames";

/** More than this at once per account only waits for the service (20,000 entities/s are its target). */
const CONCURRENCY_MAX = 256;
const SAMPLE_ROWS_MAX = 1_000_000;
const SEED_MAX = 2 ** 31 - 1;
/** A year, and a month: more is a slip of the finger. */
const HOURS_MAX = 8_760;
const MINUTES_MAX = 44_640;

/** What commander hands over, by the declarations below. */
export interface RunOptions {
  readonly tables?: readonly string[];
  readonly all?: boolean;
  readonly credentials?: "environment" | "stdin";
  readonly mode: CopyMode;
  readonly deletes?: DeletePolicy;
  readonly conflicts?: ConflictPolicy;
  readonly renameTable?: readonly TableRename[];
  readonly renameProperty?: readonly PropertyRename[];
  readonly filter?: string;
  readonly verify?: ProofLevel;
  readonly sampleRows?: number;
  readonly seed?: number;
  readonly concurrency?: number;
  readonly dryRun?: boolean;
  readonly report?: string;
  readonly html?: string;
  readonly differences?: string;
  readonly showValues?: boolean;
  readonly phase?: Phase;
  readonly reconcile?: boolean;
  readonly reconcileEveryHours?: number;
  readonly quietMinutes?: number;
  readonly lateConflicts?: LateConflictPolicy;
  readonly copyThroughput?: number;
  readonly steadyThroughput?: number;
  readonly rowsPerSecond?: number;
  readonly prices?: string;
  readonly regions?: number;
  readonly quiet?: boolean;
  readonly log: LogFormat;
}

function readNames(text: string, previous: readonly string[] = []): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.some((name) => name === "")) throw new InvalidArgumentError("Expected names like Cities,Orders.");
  return [...previous, ...names];
}

/** Reads an option that is a whole number. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}

/** A year at most. */
export const readHours = wholeNumber(1, HOURS_MAX);

/** Minutes, or parts of one. */
function minutes(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+(\.\d+)?$/.test(text) && value <= max) return value;
    throw new InvalidArgumentError(`Expected minutes from 0 to ${max}, such as 15 or 0.5.`);
  };
}

function readFilter(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("The filter is empty. Leave it away, or give one.");
  return text;
}

/** Options of every command that prints. */
export function addOutputOptions(command: Command): Command {
  return command
    .option("--quiet", "print nothing but errors")
    .addOption(new Option("--log <format>", "how to print").choices(["text", "json"]).default("text"));
}

/** Options of every command that chooses tables. */
export function addTableOptions(command: Command): Command {
  return command
    .option("--tables <names>", "tables, separated by commas", readNames)
    .option("--all", "every table of the source")
    .addOption(new Option("--credentials <from>", "stdin: one JSON object with both, {source, destination}")
      .choices(["environment", "stdin"]).default("environment"))
    .addOption(new Option("--mode <mode>", "replace: rows become equal; merge: the source's properties are all there")
      .choices(["replace", "merge"]).default("replace"))
    .option("--rename-table <old=new>", "another name in the destination; repeatable", readTableRename)
    .option("--rename-property <table.old=new>", "another property name there; repeatable", readPropertyRename)
    .option("--filter <odata>", "only these rows of the source; not with --deletes propagate", readFilter)
    .option("--concurrency <n>", "requests at once per account", wholeNumber(1, CONCURRENCY_MAX), CONCURRENCY_DEFAULT);
}

/** Options of what is reckoned beforehand: what is left out is not known, and is said not to be. */
export function addEstimateOptions(command: Command): Command {
  const throughput = wholeNumber(1, 10_000_000);
  return command
    .option("--prices <file>", "a price file (docs/cost.md): what the move will cost, and what it did")
    .option("--copy-throughput <ru>", "RU/s of all tables together while they are copied (Cosmos DB)", throughput)
    .option("--steady-throughput <ru>", "the same after that (Cosmos DB)", throughput)
    .option("--regions <n>", "regions that hold the data (Cosmos DB)", wholeNumber(1, 100))
    .option("--rows-per-second <n>", "of such a run, verification included, from an earlier one", throughput);
}

/** What asks for a reckoning. */
const ESTIMATING = [
  ["prices", "--prices"], ["copyThroughput", "--copy-throughput"], ["steadyThroughput", "--steady-throughput"],
  ["regions", "--regions"], ["rowsPerSecond", "--rows-per-second"],
] as const;

function isReckoned(command: ExecuteRequest["command"], options: RunOptions): boolean {
  return command === "preflight" || ESTIMATING.some(([name]) => options[name] !== undefined);
}

function planOf(options: RunOptions): MovePlan {
  const { copyThroughput, steadyThroughput, regions, rowsPerSecond } = options;
  return {
    ...(copyThroughput !== undefined && { copyThroughput }),
    ...(steadyThroughput !== undefined && { steadyThroughput }),
    ...(regions !== undefined && { regions }),
    ...(rowsPerSecond !== undefined && { rowsPerSecond }),
  };
}

/** Options of the commands that compare, and report on it. */
export function addReportOptions(command: Command, kind: "copy" | "verify"): Command {
  const levels = "full: every row; sample: random rows; count: numbers of rows only";
  // A copy may leave the proof to a `landbridge verify` that follows; a verification that proves nothing is none.
  const level = kind === "verify"
    ? new Option("--verify <level>", levels).choices(VERIFY_LEVELS)
    : new Option("--verify <level>", `${levels}; none: a verify follows`).choices([...VERIFY_LEVELS, "none"]);
  return addFileOptions(command
    .addOption(level.default("full"))
    .option("--sample-rows <n>", "rows per table of a sample", wholeNumber(1, SAMPLE_ROWS_MAX), 1_000)
    .option("--seed <n>", "seed of the sample, to draw the same rows again", wholeNumber(0, SEED_MAX)));
}

/** Where a run's findings go. */
export function addFileOptions(command: Command): Command {
  return command
    .option("--report <file.json>", "write the report, for machines")
    .option("--html <file.html>", "write the report, for people")
    .option("--differences <file.jsonl>", "write every difference, one a line")
    .option("--show-values", "show values of differing properties in reports; names and types only otherwise");
}

/** Options of a live move. */
export function addSyncOptions(command: Command): Command {
  return command
    .addOption(new Option("--phase <phase>", "where the move should be").choices(PHASES).default("sync"))
    .option("--reconcile", "read both sides in full now, deletions included")
    .option("--reconcile-every-hours <n>", "and again after so many hours", readHours,
      RECONCILE_EVERY_HOURS)
    .option("--quiet-minutes <n>", "without a write, for the source to count as drained", minutes(MINUTES_MAX),
      QUIET_MINUTES)
    .addOption(new Option("--late-conflicts <policy>", "late changes that could overwrite newer data")
      .choices(["report", "source-wins", "destination-wins"]).default("report"))
    .addOption(new Option("--deletes <policy>", "rows that the source deleted: delete, report, or accept them")
      .choices(["propagate", "report", "accept"]).default("propagate"))
    .addOption(new Option("--conflicts <policy>", "before the switch: differing rows that somebody else wrote")
      .choices(["refuse", "overwrite"]).default("refuse"));
}

/** Policies; `propagate` and conflicts concern copies only. */
export function addPolicyOptions(command: Command, kind: "copy" | "verify"): Command {
  if (kind === "verify") {
    return command.addOption(new Option("--deletes <policy>", "rows only in the destination: a difference, or not")
      .choices(["report", "accept"]).default("report"));
  }
  return command
    .addOption(new Option("--deletes <policy>", "rows only in the destination: report, delete, or accept them")
      .choices(["report", "propagate", "accept"]).default("report"))
    .addOption(new Option("--conflicts <policy>", "differing rows that somebody else wrote")
      .choices(["refuse", "overwrite"]).default("refuse"))
    .option("--dry-run", "say what would be done, and do nothing");
}

function refuse(message: string): never {
  throw new OperationalError({ code: "OptionsInvalid", message });
}

/** Checks what options say together; each of them was checked when it was read. Throws OperationalError. */
export function checkTogether(options: RunOptions): void {
  if (options.all === true && options.tables !== undefined) {
    refuse("--all and --tables are both given. Keep the one that is meant.");
  }
  if (options.all !== true && options.tables === undefined) {
    refuse("No table is chosen. Name them (--tables Cities,Orders) or take all of them (--all).");
  }
  if (options.all === true && options.phase === "done") {
    refuse("--all and --phase done exclude each other: the source would be asked which tables there are, and the " +
      "move of one that was deleted there meanwhile would stay open unseen. Name the tables, as the last " +
      "report lists them (--tables Cities,Orders).");
  }
  if (options.filter !== undefined && options.deletes === "propagate") {
    refuse("--filter and --deletes propagate exclude each other: rows that the filter leaves out would be deleted in " +
      "the destination. Leave the filter away, or give --deletes report or --deletes accept (sync propagates them " +
      "unless told otherwise).");
  }
  if (options.seed !== undefined && options.verify !== "sample") {
    refuse("--seed concerns samples only. Add --verify sample, or leave it away.");
  }
  const asked = ESTIMATING.filter(([name]) => options[name] !== undefined).map(([, flag]) => flag);
  if (options.dryRun === true && asked.length > 0) {
    refuse(`--dry-run counts what would be written, and reckons nothing: leave ${asked.join(", ")} away. What the ` +
      "copy takes and costs is told by landbridge preflight, with the same options.");
  }
}

function syncOf(options: RunOptions): SyncRequest {
  const { phase = "sync", reconcile = false, reconcileEveryHours, quietMinutes, lateConflicts } = options;
  return {
    phase,
    reconcile,
    ...(reconcileEveryHours !== undefined && { reconcileEveryHours }),
    ...(quietMinutes !== undefined && { quietMinutes }),
    ...(lateConflicts !== undefined && { lateConflicts }),
  };
}

/** The request that the options ask for, but for credentials and what is watched meanwhile. */
export function requestOf(
  command: ExecuteRequest["command"],
  options: RunOptions,
): Omit<ExecuteRequest, "source" | "destination"> {
  return {
    command,
    selection: selectionOf({
      tables: options.tables ?? "all",
      mode: options.mode,
      filter: options.filter,
      renameTable: options.renameTable ?? [],
      renameProperty: options.renameProperty ?? [],
    }),
    deletes: options.deletes ?? "report",
    conflicts: options.conflicts ?? "refuse",
    ...(options.verify !== undefined && { level: options.verify }),
    ...(options.sampleRows !== undefined && { sampleRows: options.sampleRows }),
    ...(options.seed !== undefined && { seed: options.seed }),
    ...(options.concurrency !== undefined && { concurrency: options.concurrency }),
    ...(isReckoned(command, options) && { plan: planOf(options) }),
    ...(options.prices !== undefined && { prices: options.prices }),
    ...(command === "sync" && { sync: syncOf(options) }),
    dryRun: options.dryRun ?? false,
    showValues: options.showValues ?? false,
    ...(options.report !== undefined && { reportFile: options.report }),
    ...(options.html !== undefined && { htmlFile: options.html }),
    ...(options.differences !== undefined && { differencesFile: options.differences }),
  };
}
