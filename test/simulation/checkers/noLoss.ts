import type { TableOutcome } from "../../../migration/engine/outcome";
import type { Committed } from "../log";
import { type Checker, type Model, type RunHistory, type TableHistory, textOf } from "../model";

type Finding = ReturnType<Checker["check"]>[number];

/**
 * No row of the source is lost without a word: a run that came to its end left every one of them in the destination,
 * or says how many it did not; and it deletes nothing that the source has.
 */
export const noLoss: Checker = {
  name: "no loss",
  check: (model) => [
    ...model.tables.flatMap((table) => deletions(model, table)),
    ...model.runs.flatMap((run) => model.tables.flatMap((table) => unsaid(model, run, table))),
  ],
};

function deletions(model: Model, table: TableHistory): readonly Finding[] {
  return table.commits
    .filter(({ side, by, after }) => side === "destination" && by !== "people" && !after)
    .flatMap((deletion) => {
      const { seq, by } = deletion;
      const where = `${by} deleted ${textOf(deletion)} of ${table.planned.destinationTable}`;
      if (model.scenario.deletes !== "propagate") return [{ seq, message: `${where} though nothing is to be deleted` }];
      const began = model.run(by)?.beganSeq ?? 0;
      return wasAbsent(table, deletion, began) ? [] : [{ seq, message: `${where}, which the source had all the time` }];
    });
}

/** The source was without the row at some moment between the run's beginning and the deletion. */
export function wasAbsent(table: TableHistory, deletion: Committed, fromSeq: number): boolean {
  const key = textOf(deletion);
  if (!table.at("source", key, fromSeq)) return true;
  return table.of("source", key).some(({ seq, after }) => seq >= fromSeq && seq <= deletion.seq && !after);
}

/** Reported and really missing rows of a run that nobody disturbed. */
function unsaid(model: Model, run: RunHistory, table: TableHistory): readonly Finding[] {
  const outcome = run.ended?.outcome?.tables.find((one) => one.table === table.planned.table);
  if (!outcome || outcome.error) return [];
  if (model.othersChanged(table, run.by, run.beganSeq, run.endedSeq)) return [];
  const keysOnly = run.by === "proof" ? false : outcome.verdict !== "incomplete" && outcome.source.digest === undefined;
  const lost = table.disagreeing(run.endedSeq).filter((key) => {
    const there = table.at("destination", key, run.endedSeq) !== undefined;
    return table.at("source", key, run.endedSeq) !== undefined && !(keysOnly && there && run.by === "proof");
  });
  const said = saidOf(outcome);
  if (lost.length <= said) return [];
  const message =
    `${run.by} left ${lost.length} rows of ${table.planned.table} behind, such as ${lost[0]}, ` +
    `and speaks of ${said} (verdict ${outcome.verdict})`;
  return [{ seq: run.endedSeq, message }];
}

function saidOf({ missing, different, conflicts, skipped }: TableOutcome): number {
  return missing + different + conflicts + skipped.reduce((sum, { count }) => sum + count, 0);
}
