import { type Checker, textOf } from "../../model";
import type { LiveModel } from "../model";

/** Whatever a run writes is a row as the source had it, under its own key, with every property (renames considered). */
export const faithful: Checker<LiveModel> = {
  name: "faithful",
  check: (model) =>
    model.tables.flatMap((table) =>
      table.commits
        .filter(({ side, by, after }) => side === "destination" && by !== "people" && after)
        .flatMap((commit) => {
          const { by, seq, after } = commit;
          const key = textOf(commit);
          const had = table.of("source", key).filter((one) => one.seq < seq && one.after);
          const what = `${by} wrote ${key} of ${table.planned.destinationTable}`;
          if (had.length === 0) return [{ seq, message: `${what}, a key that the source never had` }];
          if (had.some((one) => table.agree(one.after, after))) return [];
          return [{ seq, message: `${what} as the source never had it: ${after?.content.slice(0, 200)}` }];
        }),
    ),
};
