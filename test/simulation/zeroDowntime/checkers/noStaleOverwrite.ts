import { wasAbsent } from "../../checkers/noLoss";
import { wasShown } from "../../checkers/noStaleOverwrite";
import type { Committed } from "../../log";
import { type Checker, type TableHistory, textOf } from "../../model";
import type { LiveModel } from "../model";

type Finding = ReturnType<Checker["check"]>[number];

/**
 * Nothing newer is overwritten by what is older. A run changes exactly the version that it was shown; it never puts an
 * older version of the source over a newer one; and what the application wrote into the destination stays, unless
 * people said that late changes win.
 */
export const noStaleOverwrite: Checker<LiveModel> = {
  name: "no stale overwrite",
  check: (model) =>
    model.tables.flatMap((table) =>
      table.commits
        .filter(({ side, by }) => side === "destination" && by !== "people")
        .flatMap((commit) => {
          const what = commit.after ? "put" : "deleted";
          const where = `${commit.by} ${what} ${textOf(commit)} of ${table.planned.destinationTable}`;
          return reasons(model, table, commit).map((reason): Finding => ({
            seq: commit.seq,
            message: `${where} ${reason}`,
          }));
        }),
    ),
};

function reasons(model: LiveModel, table: TableHistory, commit: Committed): readonly string[] {
  const { before, after, by, seq } = commit;
  const key = textOf(commit);
  const found: string[] = [];
  const run = model.run(by);
  if (run && before && !wasShown(run, table, key, before.stamp, seq)) found.push("over a version that it had not seen");
  if (run && !after && !wasAbsent(table, commit, run.beganSeq)) found.push("though the source had it all the time");
  const previous = table.of("destination", key).findLast((one) => one.seq < seq);
  if (before && after && previous?.by !== "people" && table.serialOf(after) < table.serialOf(before)) {
    found.push("over a newer version of the source's row");
  }
  if (previous?.by !== "people" || decidedForTheSource(model, table, commit)) return found;
  if (previous.after) found.push("over what the application had written");
  else if (isKnownGone(model, table, commit)) found.push("though the application had deleted it");
  return found;
}

/** People said that late changes win, and there is one. */
function decidedForTheSource(model: LiveModel, table: TableHistory, commit: Committed): boolean {
  if (model.policyOf(commit.by) !== "source-wins") return false;
  const switched = model.inPhaseSeq(table, "switched") ?? Infinity;
  // The rows were frozen while that run was under way: what the source changed meanwhile may be late, too.
  const since = model.runs.find(({ beganSeq, endedSeq }) => beganSeq < switched && switched <= endedSeq)?.beganSeq;
  return table.of("source", textOf(commit)).some(({ seq }) => seq >= (since ?? switched) && seq < commit.seq);
}

/**
 * The run that puts it had left it there by an insert whose answer was lost, and sends that again: it cannot tell that
 * the first one arrived (docs/the-fine-print.md).
 */
function isSentAgain(model: LiveModel, left: Committed, { by, seq }: Committed): boolean {
  if (left.by !== by) return false;
  const key = textOf(left);
  return model.run(by)?.answered.some((one) =>
    one.failed !== undefined && one.seq > left.seq && one.seq < seq && one.asked.seq < left.seq
    && one.asked.operations?.some((operation) => operation.kind === "insert" && textOf(operation.key) === key) === true,
  ) ?? false;
}

/**
 * Runs can know that the application deleted the row, or that nobody can know it: one of them had left it there, or was
 * about to, and the source had it ever since. Of a row that was gone on both sides in between nobody keeps a record.
 */
function isKnownGone(model: LiveModel, table: TableHistory, commit: Committed): boolean {
  const { seq } = commit;
  const key = textOf(commit);
  const left = table.of("destination", key).findLast((one) => one.seq < seq && one.by !== "people" && one.after);
  if (!left || isSentAgain(model, left, commit)) return false;
  const source = table.of("source", key);
  const wasThere = source.findLast((one) => one.seq < left.seq)?.after !== undefined;
  return wasThere && !source.some((one) => one.seq > left.seq && one.seq < seq && !one.after);
}
