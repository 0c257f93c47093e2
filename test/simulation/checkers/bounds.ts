import { JOURNAL_TABLE } from "../../../migration/engine/journal";
import { REQUEST_RETRY } from "../../../migration/engine/retry";
import { SEGMENT_ROWS_MAX } from "../../../migration/engine/segments";
import type { Answered, Asked, Side } from "../log";
import { type Checker, type Model, type RunHistory, type TableHistory, textOf } from "../model";

type Finding = ReturnType<Checker["check"]>[number];

/** Rows of one table that a run holds at once, at most: read from the source, and not yet written or found equal. */
export const ROWS_HELD_MAX = 10 * SEGMENT_ROWS_MAX;

/** Requests about leases and stops go past the gate: one for each table's lease and one for the stop marker. */
const BESIDE_THE_GATE = 1;

/** Answers to a request that say "busy" do not count: whoever is told to wait may wait long. */
const BUSY = new Set(["ServerBusy", "TooManyRequests"]);

/** Queues, retries and what is in memory stay within their bounds, whatever the table's size. */
export const bounds: Checker = {
  name: "bounds",
  check: (model) =>
    model.runs.flatMap((run) => [
      ...inFlight(model, run),
      ...attempts(run),
      ...model.tables.flatMap((table) => held(run, table)),
    ]),
};

function inFlight({ scenario }: Model, run: RunHistory): readonly Finding[] {
  const found: Finding[] = [];
  const lanes = new Map<string, number>();
  const laneOf = ({ side, table }: Asked) => (table === JOURNAL_TABLE ? "journal" : side);
  for (const entry of inOrder(run)) {
    const asked = entry.kind === "asked" ? entry : entry.asked;
    const lane = laneOf(asked);
    const now = (lanes.get(lane) ?? 0) + (entry.kind === "asked" ? 1 : -1);
    lanes.set(lane, now);
    const most = scenario.concurrency + (lane === "journal" ? scenario.tables.length + BESIDE_THE_GATE : 0);
    if (now <= most) continue;
    found.push({ seq: entry.seq, message: `${run.by} has ${now} requests under way (${lane}), more than ${most}` });
    return found;
  }
  return found;
}

function inOrder({ asked, answered }: RunHistory): readonly (Asked | Answered)[] {
  return [...asked, ...answered].sort((a, b) => a.seq - b.seq);
}

/** The very same request, time and again. */
function attempts(run: RunHistory): readonly Finding[] {
  const counts = new Map<unknown, number>();
  for (const { seq, asked, failed } of run.answered) {
    if (failed === undefined || BUSY.has(failed) || asked.table === JOURNAL_TABLE) continue;
    const request = asked.operations ?? asked.page ?? asked.key;
    if (!request) continue;
    const count = (counts.get(request) ?? 0) + 1;
    counts.set(request, count);
    if (count <= REQUEST_RETRY.attemptsMax) continue;
    const message = `${run.by} asks for the same ${asked.method} of ${asked.table} for the ${count}th time`;
    return [{ seq, message }];
  }
  return [];
}

function held(run: RunHistory, table: TableHistory): readonly Finding[] {
  const waiting = new Set<string>();
  const nameOf = (side: Side) => (side === "source" ? table.planned.table : table.planned.destinationTable);
  for (const { seq, asked, rows = [], outcome } of run.answered) {
    if (asked.table !== nameOf(asked.side) || asked.page?.keysOnly) continue;
    if (asked.side === "source") {
      for (const row of rows) waiting.add(textOf(row));
    } else {
      for (const row of rows) waiting.delete(textOf(row));
      if (outcome?.committed) for (const { key } of asked.operations ?? []) waiting.delete(textOf(key));
    }
    if (waiting.size <= ROWS_HELD_MAX) continue;
    return [{ seq, message: `${run.by} holds ${waiting.size} rows of ${asked.table}, more than ${ROWS_HELD_MAX}` }];
  }
  return [];
}
