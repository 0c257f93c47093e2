import type { Committed } from "../log";
import { type Checker, type Model, type RunHistory, type TableHistory, textOf } from "../model";

type Finding = ReturnType<Checker["check"]>[number];

/**
 * What is newer is never overwritten by what is older. A run changes exactly the version of a row that it was shown;
 * it never puts an older version of the source over a newer one; and where conflicts are refused, it leaves what
 * others wrote alone, unless it was what the source had, too.
 */
export const noStaleOverwrite: Checker = {
  name: "no stale overwrite",
  check: (model) =>
    model.tables.flatMap((table) =>
      table.commits
        .filter(({ side, by, before }) => side === "destination" && by !== "people" && before)
        .flatMap((commit) => {
          const where = `${commit.by} put ${textOf(commit)} of ${table.planned.destinationTable}`;
          return reasons(model, table, commit).map((reason): Finding => ({
            seq: commit.seq,
            message: `${where} over ${reason}`,
          }));
        }),
    ),
};

function reasons(model: Model, table: TableHistory, commit: Committed): readonly string[] {
  const { before, after } = commit;
  if (!before) return [];
  const key = textOf(commit);
  const found: string[] = [];
  const run = model.run(commit.by);
  if (run && !wasShown(run, table, key, before.stamp, commit.seq)) found.push("a version that it had not seen");
  const previous = table.of("destination", key).findLast(({ seq }) => seq < commit.seq);
  if (previous?.by === "people") {
    const sourceHadIt = table.of("source", key).some(
      (one) => one.seq < commit.seq && one.after && table.agree(one.after, before),
    );
    // Rows that others created are deleted all the same: that is what propagating means. Only their work on ours stays.
    const mayDelete = !after && !wasOurs(table, key, previous.seq);
    if (model.scenario.conflicts === "refuse" && !sourceHadIt && !mayDelete) found.push("what others had written");
  } else if (after && table.serialOf(after) < table.serialOf(before)) {
    found.push("a newer version of the source's row");
  }
  return found;
}

/** A run wrote the row that somebody changed at `seq`; since then it was never gone. */
function wasOurs(table: TableHistory, key: string, seq: number): boolean {
  const earlier = table.of("destination", key).filter((one) => one.seq < seq);
  const goneAt = earlier.findLastIndex(({ after }) => !after);
  return earlier.slice(goneAt + 1).some(({ by }) => by !== "people");
}

/** The run read this version, or wrote it and was told so, before the write was carried out. */
export function wasShown(run: RunHistory, table: TableHistory, key: string, stamp: string, untilSeq: number): boolean {
  const { destinationTable } = table.planned;
  return run.answered.some(({ seq, asked, rows, outcome }) => {
    if (seq > untilSeq || asked.side !== "destination" || asked.table !== destinationTable) return false;
    if (rows?.some((row) => row.version === stamp && textOf(row) === key)) return true;
    if (!outcome?.committed) return false;
    const at = outcome.versions.indexOf(stamp);
    const operation = at < 0 ? undefined : asked.operations?.[at];
    return operation !== undefined && textOf(operation.key) === key;
  });
}
