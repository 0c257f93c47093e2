import { copyTables, preflight, type RunContext, verifyTables } from "../../migration/engine";
import { JOURNAL_TABLE } from "../../migration/engine/journal";
import type { Difference, PreflightOutcome, RunOutcome, TableOutcome } from "../../migration/engine/outcome";
import { compareKeys, type Row, type RowKey } from "../../migration/engine/row";
import type { RunSettings, TableSettings } from "../../migration/engine/settings";
import type { Store } from "../../migration/engine/store";
import { azureTablesFormat } from "../../migration/stores/azureTables";
import { tableJournal } from "../../migration/stores/azureTables/journal";
import { memoryStore } from "../../migration/stores/memory";
import { unordered } from "./unorderedStore";
import { seededRandom, VirtualClock } from "./virtualClock";

export const TABLE = "Cities";

export type Properties = Readonly<Record<string, string | number | boolean>>;

export interface RunOptions {
  readonly settings?: Partial<RunSettings>;
  readonly table?: Partial<TableSettings>;
  readonly runId?: string;
  readonly signal?: AbortSignal;
  /** Stand-ins for the stores, to inject faults. */
  readonly source?: Store;
  readonly destination?: Store;
}

/** Two stores in memory, one virtual clock, and what people do to rows. */
export class World {
  readonly clock = new VirtualClock();
  readonly source: Store;
  readonly destination: Store;
  readonly differences: Difference[] = [];
  private readonly random = seededRandom(7);
  private runs = 0;

  /** Destinations of worlds made from now on have no order, as Cosmos DB has none. */
  static unorderedDestination = false;

  /** So are their sources. */
  static unorderedSource = false;

  constructor() {
    const now = () => this.clock.now();
    const source = memoryStore({ name: "contoso", now });
    this.source = World.unorderedSource ? unordered(source) : source;
    const destination = memoryStore({ name: "fabrikam", now });
    this.destination = World.unorderedDestination ? unordered(destination) : destination;
  }

  async put(store: Store, key: RowKey, properties: Properties): Promise<void> {
    await store.createTable(TABLE);
    const body = Buffer.from(JSON.stringify({ PartitionKey: key.partitionKey, RowKey: key.rowKey, ...properties }));
    const outcome = await store.write(TABLE, [{ kind: "putReplace", key, body }]);
    if (!outcome.committed) throw outcome.error;
    // Tests change rows and run at once; people do not do both within the same second of a server's clock.
    this.clock.advance(2_000);
  }

  async remove(store: Store, key: RowKey): Promise<void> {
    const outcome = await store.write(TABLE, [{ kind: "delete", key, version: "*" }]);
    if (!outcome.committed) throw outcome.error;
    this.clock.advance(2_000);
  }

  /** `count` rows over three partitions, in the source. */
  async seed(count: number): Promise<void> {
    await this.source.createTable(TABLE);
    for (let at = 0; at < count; at += 1) {
      await this.put(this.source, keyAt(at), { population: at, name: `city ${at}` });
    }
  }

  /** `count` rows (a multiple of 100) in one partition of the source, as fast as they go. */
  async seedInOnePartition(count: number): Promise<void> {
    await this.source.createTable(TABLE);
    for (let at = 0; at < count; at += 100) {
      const operations = Array.from({ length: 100 }, (_, index) => {
        const key = { partitionKey: "p", rowKey: String(at + index).padStart(6, "0") };
        const body = Buffer.from(JSON.stringify({ PartitionKey: "p", RowKey: key.rowKey, n: at + index }));
        return { kind: "insert" as const, key, body };
      });
      await this.source.write(TABLE, operations);
    }
    this.clock.advance(5_000);
  }

  /** In key order. */
  async rows(store: Store, table = TABLE): Promise<Row[]> {
    if (!(await store.tableExists(table))) return [];
    const rows: Row[] = [];
    for (let page = await store.readPage(table, {}); ; ) {
      rows.push(...page.rows);
      if (!page.next) return rows.sort(compareKeys);
      page = await store.readPage(table, { continuation: page.next });
    }
  }

  async texts(store: Store): Promise<string[]> {
    return (await this.rows(store)).map(({ body }) => Buffer.from(body).toString("utf8"));
  }

  context(options: RunOptions = {}): RunContext {
    this.runs += 1;
    const destination = options.destination ?? this.destination;
    return {
      source: options.source ?? this.source,
      destination,
      format: azureTablesFormat,
      journal: tableJournal(destination, JOURNAL_TABLE, { clock: this.clock }),
      clock: this.clock,
      random: this.random,
      runId: options.runId ?? `run-${this.runs}`,
      owner: `tester ${this.runs}`,
      progress: () => undefined,
      difference: (difference) => void this.differences.push(difference),
      signal: options.signal ?? new AbortController().signal,
    };
  }

  settings(options: RunOptions = {}): RunSettings {
    const table = { table: TABLE, destinationTable: TABLE, renames: new Map(), mode: "replace" as const };
    return {
      tables: [{ ...table, ...options.table }],
      deletes: "report",
      conflicts: "refuse",
      level: "full",
      sampleRows: 10,
      seed: 1,
      concurrency: 4,
      dryRun: false,
      ...options.settings,
    };
  }

  copy(options: RunOptions = {}): Promise<RunOutcome> {
    return copyTables(this.context(options), this.settings(options));
  }

  verify(options: RunOptions = {}): Promise<RunOutcome> {
    return verifyTables(this.context(options), this.settings(options));
  }

  preflight(options: RunOptions = {}, depth?: Parameters<typeof preflight>[2]): Promise<PreflightOutcome> {
    return preflight(this.context(options), this.settings(options), depth);
  }
}

export function keyAt(at: number): RowKey {
  return { partitionKey: `country ${at % 3}`, rowKey: String(at).padStart(5, "0") };
}

export function only(outcome: RunOutcome): TableOutcome {
  expect(outcome.tables).toHaveLength(1);
  return outcome.tables[0] as TableOutcome;
}

export interface Hooks {
  /** Throw to refuse a call before it is carried out. */
  readonly before?: (method: keyof Store, args: readonly unknown[]) => void | Promise<void>;
  /** Throw to lose the answer of a call that was carried out. */
  readonly after?: (method: keyof Store, args: readonly unknown[]) => void | Promise<void>;
}

const HOOKED = ["listTables", "tableExists", "createTable", "readPage", "readRow", "write"] as const;

/** A store that others get between. */
export function hooked(store: Store, hooks: Hooks): Store {
  const wrapped: Record<string, unknown> = {};
  for (const method of HOOKED) {
    wrapped[method] = async (...args: readonly unknown[]) => {
      await hooks.before?.(method, args);
      const result = await (store[method] as (...all: unknown[]) => Promise<unknown>).apply(store, [...args]);
      await hooks.after?.(method, args);
      return result;
    };
  }
  return new Proxy(store, {
    get: (target, name) => {
      const own = wrapped[String(name)];
      if (own) return own;
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Which side of a call a run dies on: the service never hears of it, or carries it out and nobody hears the answer. */
export type Dying = "before" | "after";

/** A store whose `nth` call, and every later one, kills who makes it; and whether the run came that far. */
export function dying(store: Store, nth: number, when: Dying): { readonly store: Store; isReached(): boolean } {
  let calls = 0;
  const die = (now: Dying) => () => {
    if (now === "before") calls += 1;
    if (calls > nth || (calls === nth && now === when)) throw new Error("killed");
  };
  return { store: hooked(store, { before: die("before"), after: die("after") }), isReached: () => calls >= nth };
}
