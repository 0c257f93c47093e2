import type { TableInput } from "../migration/resources";
import type { PhaseSettings } from "./config/phase";
import { tableArguments } from "./tableArguments";

export interface SyncCommandArgs {
  readonly tables: "all" | readonly TableInput[];
  readonly phases: PhaseSettings;
  readonly deletes: "report" | "propagate" | "accept";
  readonly conflicts: "refuse" | "overwrite";
  readonly concurrency?: number;
}

/** What `landbridge sync` can not be told for a table alone: a filter, a merge. */
export function refuseForSync(tables: "all" | readonly TableInput[]): readonly string[] {
  const named = tables === "all" ? [] : tables;
  return named.flatMap(({ table, filter, mode }) => {
    const reasons = [...(filter === undefined ? [] : ["a filter"]), ...(mode === "merge" ? ["mode merge"] : [])];
    return reasons.length === 0 ? [] : [`table ${table} has ${reasons.join(" and ")}`];
  });
}

/** The arguments of `landbridge`, for a run that does what the stack says. Holds no secret. */
export function syncArguments(args: SyncCommandArgs): readonly string[] {
  const { tables, phases } = args;
  return [
    "sync",
    ...tableArguments(tables),
    ...["--phase", phases.phase],
    ...["--late-conflicts", phases.lateConflicts],
    ...["--quiet-minutes", String(phases.quietMinutes)],
    ...["--reconcile-every-hours", String(phases.reconcileEveryHours)],
    ...["--deletes", args.deletes],
    ...["--conflicts", args.conflicts],
    ...(args.concurrency === undefined ? [] : ["--concurrency", String(args.concurrency)]),
    ...["--log", "json"],
  ];
}
