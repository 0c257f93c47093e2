import { type Phase, PHASES } from "../../../../migration/engine/sync/syncRecord";
import type { Committed } from "../../log";
import { type Checker, type RunHistory, type TableHistory } from "../../model";
import type { LiveModel } from "../model";

type Finding = ReturnType<Checker["check"]>[number];

const MINUTE_MS = 60_000;

/**
 * A phase only moves on, one at a time, and only to the one that was asked for; a run that says that a table is in a
 * phase has that from the journal; and "drained" is only said of a source that nobody wrote for as long as was asked.
 */
export const truePhase: Checker<LiveModel> = {
  name: "true phase",
  check: (model) => [
    ...model.tables.flatMap((table) => [...forward(model, table), ...quiet(model, table)]),
    ...model.runs.flatMap((run) => said(model, run)),
  ],
};

function placeOf(phase: Phase | undefined): number {
  return phase === undefined ? -1 : PHASES.indexOf(phase);
}

function forward(model: LiveModel, table: TableHistory): readonly Finding[] {
  let now = -1;
  return model.recorded(table).flatMap(({ seq, by, sync }) => {
    const next = placeOf(sync?.phase);
    const before = now;
    now = next;
    const what = `${by} moved ${table.planned.table} from ${PHASES[before] ?? "no phase"} to ${sync?.phase}`;
    if (next === before) return [];
    if (next !== before + 1) return [{ seq, message: what }];
    const asked = model.phaseAskedBy(by);
    return asked === sync?.phase ? [] : [{ seq, message: `${what}, though ${asked} was asked for` }];
  });
}

function said(model: LiveModel, { by, ended, endedSeq: seq }: RunHistory): readonly Finding[] {
  return (ended?.outcome?.tables ?? []).flatMap(({ table, sync }) => {
    const history = model.tables.find(({ planned }) => planned.table === table);
    if (!sync || !history) return [];
    const known = model.recorded(history).findLast((one) => one.seq <= seq)?.sync?.phase;
    return known === sync.phase ? [] : [{ seq, message: `${by} says ${sync.phase} of ${table}, the journal ${known}` }];
  });
}

/** When a run was told the time of the source for the last time: what it says of the source, it says of then. */
function toldTheTime(run: RunHistory, table: TableHistory): { readonly seq: number; readonly atMs: number } {
  const told = run.answered.findLast(({ asked: { side, table: name, page }, failed }) =>
    side === "source" && name === table.planned.table && page?.rowsMax === 1 && page.keysOnly === true && !failed);
  return told ? { seq: told.asked.seq, atMs: told.atMs } : { seq: run.beganSeq, atMs: run.beganMs };
}

/**
 * A row that was not there at an earlier look at the source, at least as old as the time that was asked for, and is not
 * there any more, came and went in between: of such a row nothing is left to be found (docs/the-fine-print.md).
 */
function cameAndWent(model: LiveModel, table: TableHistory, run: RunHistory, sinceSeq: number) {
  const looks = model.recorded(table).filter(({ seq, sync }) => seq < run.beganSeq && sync?.look);
  const last = looks.at(-1)?.sync?.look;
  // What later looks confirm is told by the first that saw it.
  const first = looks[looks.findLastIndex(({ sync }) => sync?.look?.digest !== last?.digest) + 1];
  const fromSeq = first && model.run(first.by)?.beganSeq;
  if (first === undefined || fromSeq === undefined || fromSeq > sinceSeq) return () => false;
  return (key: string) => {
    const deleted = (one: Committed) => one.seq > fromSeq && one.seq <= first.seq && !one.after;
    return !table.at("source", key, fromSeq) || table.of("source", key).some(deleted);
  };
}

/** Since that long before, every row of the source was as it was when the run asked for the time. */
function quiet(model: LiveModel, table: TableHistory): readonly Finding[] {
  const { quietMinutes } = model.live;
  const seq = quietMinutes === 0 ? undefined : model.inPhaseSeq(table, "drained");
  const by = model.recorded(table).find((one) => one.seq === seq)?.by;
  const run = by === undefined ? undefined : model.run(by);
  if (seq === undefined || !run) return [];
  const told = toldTheTime(run, table);
  const sinceMs = told.atMs - quietMinutes * MINUTE_MS;
  const sinceSeq = model.log.entries.findLast(({ atMs }) => atMs <= sinceMs)?.seq ?? 0;
  if (sinceSeq > told.seq) return [];
  const isUnknowable = cameAndWent(model, table, run, sinceSeq);
  return table.keys.flatMap((key) => {
    const before = table.at("source", key, sinceSeq);
    const now = table.at("source", key, told.seq);
    if (before?.stamp === now?.stamp || (!now && isUnknowable(key))) return [];
    const message = `${run.by} says that ${table.planned.table} is drained, though ${key} was written within the time`;
    return [{ seq, message }];
  });
}
