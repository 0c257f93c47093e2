import { compareKeys, type RowKey } from "../../../migration/engine/row";
import type { Claim, Held, Journalled } from "../log";
import { type Checker, groupBy, type Model, type RunHistory, type TableHistory, textOf } from "../model";

type Finding = ReturnType<Checker["check"]>[number];

/**
 * The journal is monotonic and truthful. Its position only moves on, until a pass is over or another begins; and it
 * passes a row only when the run that says so was told by the destination that the row is there as the source had it,
 * or has reported why it is not.
 */
export const trueJournal: Checker = {
  name: "true journal",
  check: (model) => [
    ...monotonic(model),
    ...model.runs.flatMap((run) => model.tables.flatMap((table) => truthful(model, run, table))),
  ],
};

function monotonic(model: Model): readonly Finding[] {
  const recorded = model.log.of("recorded");
  const byStretch = groupBy(
    recorded.flatMap((entry) => entry.claims.map((claim) => ({ entry, claim }))),
    ({ entry, claim }) => JSON.stringify([entry.table, claim.stretch]),
  );
  return [...byStretch.values()].flatMap((records) =>
    records.slice(1).flatMap(({ entry, claim }, at) => {
      const last = (records[at] as (typeof records)[number]).claim;
      const problem = backwards(last, claim);
      return problem === undefined ? [] : [{ seq: entry.seq, message: `${entry.by} moved the journal ${problem}` }];
    }),
  );
}

function backwards(last: Claim, next: Claim): string | undefined {
  if (next.pass < last.pass) return `from pass ${last.pass} back to pass ${next.pass}`;
  if (next.pass > last.pass) return undefined;
  if (last.complete && !next.complete) return `back into pass ${next.pass}, which was complete`;
  if (next.complete || !last.position) return undefined;
  if (!next.position) return "back to the beginning of a pass that had come further";
  if (compareKeys(next.position, last.position) >= 0) return undefined;
  return `from ${textOf(last.position)} back to ${textOf(next.position)}`;
}

/** What the process has been told so far of one table, in the log's order. */
interface Told {
  readonly source: Map<string, readonly Held[]>;
  readonly destination: Map<string, readonly Held[]>;
  readonly excused: Set<string>;
}

function truthful(model: Model, run: RunHistory, table: TableHistory): readonly Finding[] {
  const told: Told = { source: new Map(), destination: new Map(), excused: new Set() };
  const proven = new Set<string>();
  const found: Finding[] = [];
  const entries = model.log.entries.slice(run.beganSeq, run.endedSeq + 1);
  for (const entry of entries) {
    if (entry.kind === "answered" && entry.asked.by === run.by) hear(table, told, proven, entry);
    if (entry.kind === "noted" && entry.by === run.by && entry.difference.table === table.planned.table) {
      told.excused.add(textOf(entry.difference));
    }
    if (entry.kind !== "journal" || entry.by !== run.by) continue;
    if (entry.migration.table !== table.planned.table) continue;
    for (const claim of entry.claims) found.push(...unproven(table, told, proven, entry, claim));
  }
  return found.slice(0, 3);
}

function hear(
  table: TableHistory,
  { source, destination }: Told,
  proven: ReadonlySet<string>,
  { asked, rows, outcome }: Extract<Model["log"]["entries"][number], { kind: "answered" }>,
): void {
  const { side } = asked;
  if (asked.table !== (side === "source" ? table.planned.table : table.planned.destinationTable)) return;
  const known = side === "source" ? source : destination;
  const isOver = (text: string) => side === "source" && proven.has(text);
  const learn = (key: RowKey, stamp: string) => {
    const text = textOf(key);
    const held = isOver(text) ? undefined : table.stamped(side, text, stamp);
    if (held) known.set(text, [...(known.get(text) ?? []), held]);
  };
  if (asked.page?.keysOnly !== true) for (const row of rows ?? []) learn(row, row.version);
  if (!outcome?.committed) return;
  asked.operations?.forEach(({ key }, at) => learn(key, outcome.versions[at] ?? ""));
}

function unproven(
  table: TableHistory,
  told: Told,
  proven: Set<string>,
  { seq, by }: Journalled,
  claim: Claim,
): readonly Finding[] {
  const { position, complete, after } = claim;
  if (!position && !complete) return [];
  for (const [text, versions] of told.source) {
    const [partitionKey, rowKey] = JSON.parse(text) as [string, string];
    const key = { partitionKey, rowKey };
    if (after && compareKeys(key, after) <= 0) continue;
    if (!complete && position && compareKeys(key, position) > 0) continue;
    const there = (told.destination.get(text) ?? []).some((held) => versions.some((one) => table.agree(one, held)));
    const goneSince = table.of("source", text).some((one) => !one.after && one.seq < seq);
    if (there) {
      proven.add(text);
      told.source.delete(text);
    }
    else if (!goneSince && !told.excused.has(text)) {
      const where = `${by} tells the journal that ${text} of ${table.planned.table} is done`;
      return [{ seq, message: `${where}, though the destination has not said so` }];
    }
  }
  return [];
}
