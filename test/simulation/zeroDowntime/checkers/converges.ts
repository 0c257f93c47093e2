import type { TableOutcome } from "../../../../migration/engine/outcome";
import type { Phase } from "../../../../migration/engine/sync/syncRecord";
import { type Checker, type RunHistory } from "../../model";
import type { LiveModel } from "../model";

type Finding = ReturnType<Checker["check"]>[number];

interface Expected {
  readonly phase: Phase;
  /** It may find conflicts, which people decide afterwards. */
  readonly conflicts?: true;
  /** It may have to wait until the source was quiet for long enough. */
  readonly early?: true;
  /** Runs before it dealt with everything that there was to do. */
  readonly idle?: true;
}

/** What every run must come to once nothing is broken and nobody writes any more. */
const EXPECTED: Readonly<Record<string, Expected>> = {
  "settle-sync": { phase: "sync" },
  "settle-switch": { phase: "switched" },
  "settle-late": { phase: "switched", conflicts: true },
  "settle-decide": { phase: "switched" },
  "settle-look": { phase: "drained", early: true },
  "settle-drain": { phase: "drained", idle: true },
  "settle-done": { phase: "done", idle: true },
  "settle-over": { phase: "done", idle: true },
};

/** Once faults and writers stop, each phase comes through at its first try, and the move comes to its end. */
export const converges: Checker<LiveModel> = {
  name: "converges",
  check: (model) => {
    if (model.settledSeq === undefined) return [];
    const runs = model.runs.filter(({ by }) => EXPECTED[by] !== undefined);
    const last = runs.at(-1);
    const stuck = { seq: model.lastSeq, message: "never comes to its end" };
    const over: readonly Finding[] = last?.by === "settle-over" ? [] : [stuck];
    return [...runs.flatMap((run) => settled(run, EXPECTED[run.by] as Expected)), ...over];
  },
};

function settled({ by, ended, endedSeq: seq }: RunHistory, expected: Expected): readonly Finding[] {
  const { outcome, error } = ended ?? {};
  if (!outcome) return error === undefined ? [] : [{ seq, message: `${by} fails: ${textOf(error)}` }];
  return outcome.tables.flatMap((table) =>
    problems(table, expected).map((problem) => ({ seq, message: `${by}, ${table.table}: ${problem}` })),
  );
}

function problems({ error, verdict, sync, written, deleted }: TableOutcome, expected: Expected): readonly string[] {
  if (error) return expected.early && error.code === "SourceNotQuiet" ? [] : [`fails: ${error.message}`];
  const found: string[] = [];
  if (sync?.phase !== expected.phase) found.push(`is in phase ${sync?.phase}, not ${expected.phase}`);
  if (verdict !== "synced" && !(expected.conflicts && verdict === "different")) found.push(`the verdict is ${verdict}`);
  if (expected.idle && written + deleted > 0) found.push(`${written} rows are written and ${deleted} deleted`);
  return found;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
