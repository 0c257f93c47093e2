import { type Checker, type RunHistory, type TableHistory } from "../../model";
import { fateOf, type LiveModel } from "../model";

type Finding = ReturnType<Checker["check"]>[number];

/**
 * No change is lost without a word. When a table is drained, the last that the source saw of every row is in the
 * destination or was, before the application changed it there; or it was told as a conflict, or given up by policy.
 * Where the application never wrote a row of the destination, it is the source's.
 */
export const noLoss: Checker<LiveModel> = {
  name: "no loss",
  check: (model) => model.runs.flatMap((run) => model.tables.flatMap((table) => lost(model, run, table))),
};

function lost(model: LiveModel, run: RunHistory, table: TableHistory): readonly Finding[] {
  const outcome = run.ended?.outcome?.tables.find((one) => one.table === table.planned.table);
  if (outcome?.verdict !== "synced" || outcome.sync?.phase !== "drained") return [];
  const { by, beganSeq, endedSeq: seq } = run;
  return table.keys.flatMap((key) => {
    const last = table.of("source", key).findLast((one) => one.seq <= seq);
    // What came while the run was under way is for the next one.
    if (!last || last.seq >= beganSeq) return [];
    if (fateOf(model, table, key, last, seq) === "lost") {
      return [{ seq, message: `${by} says drained, and the last change of ${key} in the source is lost` }];
    }
    const untouched = model.applicationsLast(table, key, seq) === undefined;
    if (!untouched || table.agree(table.at("source", key, seq), table.at("destination", key, seq))) return [];
    // Whoever decides that a row which perhaps came and went stays away, decides for the destination.
    if (!table.at("destination", key, seq) && model.toldPerhapsDeleted(table, key, seq)) return [];
    return [{ seq, message: `${by} says drained, and ${key}, which the application never wrote there, differs` }];
  });
}
