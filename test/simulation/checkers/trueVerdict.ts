import type { TableOutcome } from "../../../migration/engine/outcome";
import type { ProofLevel } from "../../../migration/engine/settings";
import type { Asked } from "../log";
import { type Checker, type Model, type RunHistory, type TableHistory } from "../model";

/**
 * The verdict is never "equal" when it is not, and never anything else when nothing differs and nobody writes.
 * Rows that change while they are compared count up to the moment when the run asks for the last time what changed;
 * the one thing that this cannot show is a deletion after a row was passed.
 */
export const trueVerdict: Checker = {
  name: "true verdict",
  check: (model) =>
    model.runs.flatMap((run) =>
      model.tables.flatMap((table) => {
        const outcome = run.ended?.outcome?.tables.find((one) => one.table === table.planned.table);
        if (!outcome || outcome.error) return [];
        const level = run.by === "proof" ? "full" : model.scenario.level;
        return judged(model, run, table, outcome, level).map((message) => ({
          seq: run.endedSeq,
          message: `${run.by} says ${outcome.verdict} of ${outcome.table} at level ${level}, ${message}`,
        }));
      }),
    ),
};

function judged(
  model: Model,
  run: RunHistory,
  table: TableHistory,
  outcome: TableOutcome,
  level: ProofLevel,
): readonly string[] {
  const quiet = !model.othersChanged(table, run.by, run.beganSeq, run.endedSeq);
  if (outcome.verdict === "equal") {
    if (level === "none") return ["though nobody looked"];
    return quiet ? equalAndQuiet(model, run, table, level) : equalMeanwhile(model, run, table, level);
  }
  if (!quiet) return [];
  if (outcome.verdict === "inFlight") return ["though nobody wrote"];
  const differing = differingAt(model, table, run.endedSeq, "full");
  if (outcome.verdict === "different" && differing.length === 0) return ["though nothing differs"];
  if (level !== "full") return [];
  const { missing, extra, different, conflicts } = outcome;
  const accepted = table.disagreeing(run.endedSeq).length - differing.length;
  const said = missing + extra + different + conflicts;
  const really = differing.length + accepted;
  return said === really ? [] : [`and speaks of ${said} rows, but ${really} differ`];
}

/** Rows that make a verdict of this level untrue at `seq`. */
function differingAt(model: Model, table: TableHistory, seq: number, level: ProofLevel): readonly string[] {
  return table.disagreeing(seq).filter((key) => {
    const source = table.at("source", key, seq);
    const destination = table.at("destination", key, seq);
    if (!source && model.scenario.deletes === "accept") return false;
    return level === "full" || !(source && destination);
  });
}

function equalAndQuiet(model: Model, run: RunHistory, table: TableHistory, level: ProofLevel): readonly string[] {
  const [first] = differingAt(model, table, run.endedSeq, level);
  return first === undefined ? [] : [`but ${first} differs`];
}

function equalMeanwhile(model: Model, run: RunHistory, table: TableHistory, level: ProofLevel): readonly string[] {
  const pages = run.asked.filter(
    (one) => one.side === "source" && one.method === "readPage" && one.table === table.planned.table,
  );
  const isLate = ({ page }: Asked) => page?.changedSince !== undefined;
  const isProbe = ({ page }: Asked) => page?.rowsMax === 1;
  const lastRead = pages.findLast((one) => !isLate(one) && !isProbe(one));
  if (!lastRead) return ["without having read the source"];
  const asked = pages.find((one) => isLate(one) && one.seq > lastRead.seq);
  const untilSeq = (asked ?? lastRead).seq;
  // Since the comparison began at the table's beginning, in one range or the first of several.
  const isFirst = ({ page }: Asked) => !page?.continuation && !page?.range?.after;
  const scans = pages.filter((one) => isFirst(one) && !isLate(one) && !isProbe(one));
  const fromSeq = scans.findLast(({ seq }) => seq <= lastRead.seq)?.seq ?? run.beganSeq;
  const deleted = (key: string) =>
    [...table.of("source", key), ...table.of("destination", key)].some(
      ({ seq, after }) => !after && seq >= fromSeq && seq <= untilSeq,
    );
  const [first] = differingAt(model, table, untilSeq, level).filter((key) => !deleted(key));
  return first === undefined ? [] : [`but ${first} differed when it last asked what had changed`];
}
