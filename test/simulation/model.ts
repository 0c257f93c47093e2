import type { CopyMode } from "../../migration/engine/rowFormat";
import type { Answered, Asked, Committed, Ended, Held, Log, Noted, Side } from "./log";
import type { Scenario, SimulatedTable } from "./scenario";
import { textOf } from "./textOf";

export { textOf };

export interface Violation {
  readonly checker: string;
  /** Where in the log it shows. */
  readonly seq: number;
  readonly message: string;
}

/** Judges a whole simulation from its log. */
export interface Checker<M extends Model = Model> {
  readonly name: string;
  check(model: M): readonly Omit<Violation, "checker">[];
}

export function groupBy<T>(items: readonly T[], nameOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = nameOf(item);
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return groups;
}

const NOT_VALUES = new Set(["PartitionKey", "RowKey"]);

/** Property name -> JSON of its type and value. */
function propertiesOf(content: string): ReadonlyMap<string, string> {
  const entity = new Map<string, unknown>(Object.entries(JSON.parse(content)));
  const names = [...entity.keys()].filter((name) => !NOT_VALUES.has(name) && !name.endsWith("@odata.type"));
  const typed = (name: string) => JSON.stringify([entity.get(`${name}@odata.type`) ?? "", entity.get(name)]);
  return new Map(names.map((name) => [name, typed(name)]));
}

function renamed(
  properties: ReadonlyMap<string, string>,
  renames: SimulatedTable["renames"],
): ReadonlyMap<string, string> {
  if (!renames) return properties;
  const names = new Map(Object.entries(renames));
  return new Map([...properties].map(([name, value]) => [names.get(name) ?? name, value]));
}

/**
 * One table on both sides, as it really was at every moment. Compares rows by means of its own, not the product's:
 * every write carries a number that no other write has.
 */
export class TableHistory {
  readonly keys: readonly string[];
  private readonly changes: Readonly<Record<Side, ReadonlyMap<string, readonly Committed[]>>>;
  private readonly contents = new Map<string, ReadonlyMap<string, string>>();

  constructor(
    readonly planned: SimulatedTable,
    readonly commits: readonly Committed[],
  ) {
    const grouped = (side: Side) => groupBy(commits.filter((one) => one.side === side), textOf);
    this.changes = { source: grouped("source"), destination: grouped("destination") };
    this.keys = [...new Set(commits.map(textOf))].sort();
  }

  get mode(): CopyMode {
    return this.planned.mode;
  }

  of(side: Side, key: string): readonly Committed[] {
    return this.changes[side].get(key) ?? [];
  }

  /** What the side held once everything up to `seq` (inclusive) had happened. */
  at(side: Side, key: string, seq: number): Held | undefined {
    return this.of(side, key).findLast((change) => change.seq <= seq)?.after;
  }

  /** Which version of a row a stamp stands for. */
  stamped(side: Side, key: string, stamp: string): Held | undefined {
    return this.of(side, key).find(({ after }) => after?.stamp === stamp)?.after;
  }

  /** Both absent, or both there and as the mode wants it. */
  agree(source: Held | undefined, destination: Held | undefined): boolean {
    if (!source || !destination) return source === destination;
    const { renames } = this.planned;
    if (!renames && source.content === destination.content) return true;
    const wanted = renamed(this.properties(source), renames);
    const found = this.properties(destination);
    if (this.mode === "replace" && wanted.size !== found.size) return false;
    return [...wanted].every(([name, value]) => found.get(name) === value);
  }

  /** The number of the write that the content came from; 0 where it has none. */
  serialOf(held: Held): number {
    const serial = this.properties(held).get("serial");
    return serial === undefined ? 0 : Number((JSON.parse(serial) as readonly unknown[])[1]);
  }

  /** Keys whose rows do not agree at `seq`. */
  disagreeing(seq: number): readonly string[] {
    return this.keys.filter((key) => !this.agree(this.at("source", key, seq), this.at("destination", key, seq)));
  }

  private properties({ content }: Held): ReadonlyMap<string, string> {
    const known = this.contents.get(content);
    if (known) return known;
    const properties = propertiesOf(content);
    this.contents.set(content, properties);
    return properties;
  }
}

/** One process from its beginning to its end, and what it was told meanwhile. */
export interface RunHistory {
  readonly by: string;
  readonly beganSeq: number;
  /** The log's last entry where the process never ended. */
  readonly endedSeq: number;
  readonly beganMs: number;
  readonly endedMs: number;
  readonly ended?: Ended;
  readonly asked: readonly Asked[];
  readonly answered: readonly Answered[];
  readonly noted: readonly Noted[];
}

/** What really happened, put in order. */
export class Model {
  readonly tables: readonly TableHistory[];
  readonly runs: readonly RunHistory[];
  /** From here on nothing was broken any more; undefined where the simulation did not get that far. */
  readonly settledSeq: number | undefined;
  readonly lastSeq: number;

  constructor(
    readonly scenario: Scenario,
    readonly log: Log,
  ) {
    const commits = log.of("committed");
    this.lastSeq = log.entries.length - 1;
    this.tables = scenario.tables.map((planned) => {
      const ours = (one: Committed) =>
        one.table === (one.side === "source" ? planned.table : planned.destinationTable);
      return new TableHistory(planned, commits.filter(ours));
    });
    this.settledSeq = log.of("settled")[0]?.seq;
    this.runs = this.runHistories();
  }

  run(by: string): RunHistory | undefined {
    return this.runs.find((one) => one.by === by);
  }

  /** Anybody but this process changed the table in this stretch of the log; so did a late request of its own. */
  othersChanged(table: TableHistory, by: string, fromSeq: number, toSeq: number): boolean {
    return table.commits.some((one) => one.seq >= fromSeq && one.seq <= toSeq && (one.by !== by || one.late));
  }

  /** A row of the destination that differs for good, and rightly so under the scenario's policies. */
  mayDisagree(table: TableHistory, key: string, seq: number): boolean {
    const { deletes, conflicts } = this.scenario;
    const source = table.at("source", key, seq);
    const destination = table.at("destination", key, seq);
    const byPeople = table.of("destination", key).findLast((one) => one.seq <= seq)?.by === "people";
    if (source && !destination) return false;
    if (!source && deletes !== "propagate") return true;
    return conflicts === "refuse" && byPeople;
  }

  private runHistories(): readonly RunHistory[] {
    const { log } = this;
    const ended = new Map(log.of("ended").map((one) => [one.by, one]));
    const asked = groupBy(log.of("asked"), ({ by }) => by);
    const answered = groupBy(log.of("answered"), (one) => one.asked.by);
    const noted = groupBy(log.of("noted"), ({ by }) => by);
    return log.of("began").map(({ by, seq, atMs }) => {
      const end = ended.get(by);
      return {
        by,
        beganSeq: seq,
        beganMs: atMs,
        endedSeq: end?.seq ?? this.lastSeq,
        endedMs: end?.atMs ?? log.entries.at(-1)?.atMs ?? atMs,
        asked: asked.get(by) ?? [],
        answered: answered.get(by) ?? [],
        noted: noted.get(by) ?? [],
        ...(end ? { ended: end } : {}),
      };
    });
  }
}
