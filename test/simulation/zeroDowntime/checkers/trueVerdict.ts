import type { TableOutcome } from "../../../../migration/engine/outcome";
import { PERHAPS_DELETED } from "../../../../migration/engine/sync/decideLate";
import { type Checker, type RunHistory, type TableHistory, textOf } from "../../model";
import { fateOf, type LiveModel } from "../model";

/** What a run says of a table holds, whenever nobody else wrote while it was under way. */
export const trueVerdict: Checker<LiveModel> = {
  name: "true verdict",
  check: (model) =>
    model.runs.flatMap((run) => [
      ...needless(model, run),
      ...model.tables.flatMap((table) => {
        const outcome = run.ended?.outcome?.tables.find((one) => one.table === table.planned.table);
        if (!outcome || outcome.error || outcome.sync?.work === "nothing") return [];
        if (model.othersChanged(table, run.by, run.beganSeq, run.endedSeq)) return [];
        return judged(model, run, table, outcome).map((message) => ({
          seq: run.endedSeq,
          message: `${run.by} says ${outcome.verdict} of ${outcome.table}, ${message}`,
        }));
      }),
    ]),
};

/** "Perhaps" is only said after a run that could not say what became of its inserts: one that did not end well. */
function needless(model: LiveModel, { by, beganSeq, noted }: RunHistory) {
  const isCutShort = (run: RunHistory) =>
    run.beganSeq < beganSeq && model.phaseAskedBy(run.by) !== "sync" &&
    (run.endedSeq > beganSeq || !run.ended?.outcome?.tables.every(({ error }) => !error));
  if (model.runs.some(isCutShort)) return [];
  return noted.filter(({ difference }) => difference.reason === PERHAPS_DELETED).map(({ seq, difference }) => {
    return { seq, message: `${by} calls ${textOf(difference)} perhaps deleted, though no run was cut short before` };
  });
}

function judged(model: LiveModel, run: RunHistory, table: TableHistory, outcome: TableOutcome): readonly string[] {
  const { verdict, sync, conflicts, different, skipped } = outcome;
  const named = conflicts + different + skipped.length;
  if (verdict === "different") return named > 0 ? [] : ["and names nothing that differs"];
  if (verdict !== "synced" || !sync) return ["which no live move comes to"];
  const { endedSeq: seq } = run;
  const wholly = sync.work === "copy" || sync.work === "reconcile" || sync.work === "lateReconcile";
  const open = table.keys.filter((key) => {
    const last = table.of("source", key).findLast((one) => one.seq <= seq);
    // Only a pass over everything sees what is gone; one that went on with another's may have passed the row before.
    if (!last || (!last.after && !wholly)) return false;
    if (model.sourceMs(last) >= (sync.watermarkMs ?? -Infinity)) return false;
    const fate = fateOf(model, table, key, last, seq);
    return fate === "lost" || (fate === "told" && !decided(model, run));
  });
  return [
    ...(open[0] === undefined ? [] : [`but the last change of ${open[0]} is not dealt with`]),
    ...evidence(model, run, table, outcome),
  ];
}

/** Told before, and this run was told to leave such rows alone, or to overwrite them. */
function decided(model: LiveModel, { by }: RunHistory): boolean {
  return model.policyOf(by) !== "report";
}

/** The last verification compares every row that a run left in the destination, and none that the application wrote. */
function evidence(
  model: LiveModel,
  { endedSeq: seq }: RunHistory,
  table: TableHistory,
  { sync }: TableOutcome,
): readonly string[] {
  if (!sync?.evidence) return [];
  const { compared, changedSince, goneSince } = sync.evidence;
  const rows = table.keys.filter((key) => table.at("source", key, seq) !== undefined);
  const lastOf = (key: string) => table.of("destination", key).findLast((one) => one.seq <= seq);
  const there = rows.flatMap((key) => lastOf(key) ?? []).filter(({ after }) => after);
  const ours = there.filter(({ by }) => by !== "people");
  // What a run wrote that did not come to its end is known for ours by its intent only, and perhaps not at all.
  const sure = ours.filter(({ by }) => model.run(by)?.ended?.outcome?.tables.every(({ error }) => !error));
  const right = compared >= sure.length && compared <= ours.length && goneSince === rows.length - there.length;
  if (right && compared + changedSince + goneSince === rows.length) return [];
  const really = { rows: rows.length, there: there.length, ours: ours.length, sure: sure.length };
  return [`and verified ${JSON.stringify(sync.evidence)}, though it is ${JSON.stringify(really)}`];
}
