import type { Committed } from "../log";
import { type Checker, groupBy, type RunHistory, type TableHistory, textOf } from "../model";

type Finding = ReturnType<Checker["check"]>[number];

/**
 * Nothing is there, or is done, twice: runs write rows only under keys that the source has had, write no row over its
 * like, and name every difference once.
 */
export const noDuplicate: Checker = {
  name: "no duplicate",
  check: (model) => [
    ...model.tables.flatMap((table) => written(table)),
    ...model.runs.flatMap((run) => named(run)),
  ],
};

function written(table: TableHistory): readonly Finding[] {
  return table.commits
    .filter(({ side, by, after }) => side === "destination" && by !== "people" && after)
    .flatMap((commit) => [...underAKeyOfItsOwn(table, commit), ...overItsLike(table, commit)]);
}

function underAKeyOfItsOwn(table: TableHistory, commit: Committed): readonly Finding[] {
  const key = textOf(commit);
  if (table.of("source", key).some(({ seq }) => seq < commit.seq)) return [];
  return [{ seq: commit.seq, message: `${commit.by} wrote ${key}, a key that the source never had` }];
}

function overItsLike(table: TableHistory, { seq, by, before, after, ...key }: Committed): readonly Finding[] {
  if (!before || before.content !== after?.content) return [];
  return [{ seq, message: `${by} wrote ${textOf(key)} of ${table.planned.destinationTable} over its like` }];
}

function named({ by, noted }: RunHistory): readonly Finding[] {
  const groups = groupBy(noted, ({ difference }) => `${difference.class} ${difference.table} ${textOf(difference)}`);
  return [...groups].flatMap(([name, [, second]]) =>
    second ? [{ seq: second.seq, message: `${by} names a difference twice: ${name}` }] : [],
  );
}
