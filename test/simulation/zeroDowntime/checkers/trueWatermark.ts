import { type Checker, type TableHistory } from "../../model";
import { fateOf, type LiveModel } from "../model";

type Finding = ReturnType<Checker["check"]>[number];

/**
 * The watermark is never ahead of what is acknowledged: when the journal says that everything before a moment of the
 * source's clock is applied, every row that was written before it and not since is in the destination, or was told, or
 * given up by policy. And it does not go back.
 */
export const trueWatermark: Checker<LiveModel> = {
  name: "true watermark",
  check: (model) => model.tables.flatMap((table) => [...ahead(model, table), ...back(model, table)]),
};

function ahead(model: LiveModel, table: TableHistory): readonly Finding[] {
  let last: number | undefined;
  return model.recorded(table).flatMap(({ seq, by, sync }) => {
    const mark = sync?.watermarkMs;
    if (mark === undefined || mark === last) return [];
    last = mark;
    return table.keys.flatMap((key) => {
      const change = table.of("source", key).findLast((one) => one.seq < seq);
      // Deletions have no time that a watermark could pass.
      if (!change?.after || model.sourceMs(change) >= mark) return [];
      if (fateOf(model, table, key, change, seq) !== "lost") return [];
      const when = new Date(mark).toISOString();
      return [{ seq, message: `${by} moved the watermark to ${when}, past a change of ${key} that is not applied` }];
    });
  });
}

function back(model: LiveModel, table: TableHistory): readonly Finding[] {
  const marks = model.recorded(table).flatMap(({ seq, by, sync }) => {
    return sync?.watermarkMs === undefined ? [] : [{ seq, by, mark: sync.watermarkMs }];
  });
  return marks.slice(1).flatMap(({ seq, by, mark }, at) => {
    const before = marks[at]?.mark ?? 0;
    return mark >= before ? [] : [{ seq, message: `${by} moved the watermark back from ${before} to ${mark}` }];
  });
}
