import type { TableOutcome } from "../../../migration/engine/outcome";
import { type Checker, type Model, type RunHistory, type TableHistory } from "../model";

type Finding = ReturnType<Checker["check"]>[number];

/** Once faults stop, the same command comes through at once, leaves what it should, and then has nothing to do. */
export const converges: Checker = {
  name: "converges",
  check: (model) => {
    if (model.settledSeq === undefined) return [];
    return ["settle-1", "settle-2", "proof"].flatMap((by) => {
      const run = model.run(by);
      return run ? settled(model, run) : [];
    });
  },
};

function settled(model: Model, run: RunHistory): readonly Finding[] {
  const { by, ended, endedSeq: seq } = run;
  if (!ended?.outcome) {
    const error = ended?.error instanceof Error ? ended.error.message : String(ended?.error);
    return ended ? [{ seq, message: `${by} fails though nothing is broken: ${error}` }] : [];
  }
  const { outcome } = ended;
  return model.tables.flatMap((table) => {
    const one = outcome.tables.find((found) => found.table === table.planned.table);
    if (!one) return [{ seq, message: `${by} does not speak of ${table.planned.table}` }];
    return problems(model, run, table, one).map((problem) => ({ seq, message: `${by}, ${one.table}: ${problem}` }));
  });
}

function problems(model: Model, run: RunHistory, table: TableHistory, outcome: TableOutcome): readonly string[] {
  const { by, endedSeq } = run;
  const found: string[] = [];
  if (outcome.error) found.push(`fails though nothing is broken: ${outcome.error.message}`);
  const wrong = table.disagreeing(endedSeq).filter((key) => !model.mayDisagree(table, key, endedSeq));
  if (wrong.length > 0) found.push(`${wrong.length} rows are not as they should be, such as ${wrong[0]}`);
  if (by === "settle-2" && outcome.written + outcome.deleted > 0) {
    found.push(`${outcome.written} rows are written and ${outcome.deleted} deleted once more`);
  }
  const expected = expectedVerdict(model, run, table, outcome);
  if (outcome.verdict !== expected) found.push(`the verdict is ${outcome.verdict}, not ${expected}`);
  return found;
}

function expectedVerdict(model: Model, run: RunHistory, table: TableHistory, outcome: TableOutcome): string {
  const accepted = (key: string) =>
    model.scenario.deletes === "accept" && table.at("source", key, run.endedSeq) === undefined;
  const differing = table.disagreeing(run.endedSeq).filter((key) => !accepted(key));
  if (run.by !== "proof" && model.scenario.level === "none") return outcome.conflicts > 0 ? "different" : "incomplete";
  return differing.length > 0 ? "different" : "equal";
}
