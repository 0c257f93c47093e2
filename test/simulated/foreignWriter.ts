import type { SimulatedAccount } from "./account";
import type { StoredEntity } from "./entity";
import { readEntity } from "./entity";
import { seededRandom } from "./random";

/** Somebody else at work on the same tables while a migration runs. */
export interface ForeignWriterOptions {
  readonly account: SimulatedAccount;
  readonly tables: readonly string[];
  readonly seed: number;
  /** Of doing something before a request is carried out, 0 to 1. */
  readonly chance: number;
  /** Changes at most; without end where left out. */
  readonly changesMax?: number;
  /** How likely each is, relative to the others. All alike where left out; a kind that is missing never happens. */
  readonly weights?: Partial<Readonly<Record<ForeignChange["kind"], number>>>;
  /** The properties a row gets, as JSON members without braces; `n` counts this writer's changes. */
  readonly members?: (n: number) => string;
}

/** What was done, in the order in which it was done. */
export interface ForeignChange {
  readonly kind: "insert" | "replace" | "merge" | "delete";
  readonly table: string;
  readonly partitionKey: string;
  readonly rowKey: string;
  /** How many requests the service had seen before. */
  readonly requests: number;
  /** The row before; absent for an insert. */
  readonly before?: StoredEntity;
  /** The row after, with its new Timestamp; absent for a delete. */
  readonly after?: StoredEntity;
}

const KINDS = ["insert", "replace", "merge", "delete"] as const;

/** Changes rows between other people's requests: seeded, and with a log that says exactly what became of what. */
export class ForeignWriter {
  private readonly changes: ForeignChange[] = [];
  private readonly random: () => number;
  private paused = false;

  constructor(private readonly options: ForeignWriterOptions) {
    this.random = seededRandom(options.seed);
  }

  get log(): readonly ForeignChange[] {
    return this.changes;
  }

  /** Does nothing more until `resume`. */
  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  /** Perhaps changes something; `requests` is how many the service has seen. */
  beforeRequest(requests: number): void {
    if (this.paused || this.changes.length >= (this.options.changesMax ?? Number.POSITIVE_INFINITY)) return;
    if (this.random() < this.options.chance) this.act(requests);
  }

  /** Changes one row of one table, whatever the chance. A table that is not there is left alone. */
  act(requests = 0): void {
    const { account, tables } = this.options;
    const table = this.pick(tables);
    if (table === undefined || account.liveTable(table) === undefined) return;
    const kind = this.kind();
    const rows = kind === "insert" ? [] : account.rows(table);
    const before = this.pick(rows);
    if (kind !== "insert" && before === undefined) return;
    const n = this.changes.length;
    const key = before ?? this.freshKey(table, n);
    const { partitionKey, rowKey } = key;
    const what = { kind, table, partitionKey, rowKey, requests, ...(before !== undefined && { before }) };
    if (kind === "delete") {
      account.remove(table, partitionKey, rowKey);
      this.changes.push(what);
      return;
    }
    const { properties } = readEntity(`{${(this.options.members ?? defaultMembers)(n)}}`);
    const all = kind === "merge" ? new Map([...(before?.properties ?? []), ...properties]) : properties;
    account.seed(table, [{ partitionKey, rowKey, properties: all }]);
    const after = account.row(table, partitionKey, rowKey);
    this.changes.push({ ...what, ...(after !== undefined && { after }) });
  }

  private kind(): ForeignChange["kind"] {
    const weights = KINDS.map((kind) => (this.options.weights === undefined ? 1 : (this.options.weights[kind] ?? 0)));
    let drawn = this.random() * weights.reduce((sum, weight) => sum + weight, 0);
    return KINDS.find((_, index) => (drawn -= weights[index] ?? 0) < 0) ?? "replace";
  }

  /** In a partition that is there, mostly: between the rows that somebody is just reading. */
  private freshKey(table: string, n: number): { readonly partitionKey: string; readonly rowKey: string } {
    const neighbour = this.random() < 0.8 ? this.pick(this.options.account.rows(table)) : undefined;
    const suffix = `~${this.options.seed}-${n}`;
    if (neighbour === undefined) return { partitionKey: `foreign${suffix}`, rowKey: "1" };
    return { partitionKey: neighbour.partitionKey, rowKey: `${neighbour.rowKey.slice(0, 200)}${suffix}` };
  }

  private pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.random() * items.length)];
  }
}

function defaultMembers(n: number): string {
  return `"foreign":${n}`;
}
