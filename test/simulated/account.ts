import { randomBytes } from "node:crypto";
import { ticksFromMs } from "./dateTime";
import type { StoredEntity } from "./entity";
import { TableMissing } from "./cosmosRules";
import { refuse } from "./errors";
import { checkEntity, checkKey, checkTableName } from "./rules";
import type { Profile } from "./profile";
import { PlainEntity } from "./plainEntity";
import { StoredRow } from "./row";
import { compareRows } from "./sortedRows";
import { SimulatedTable } from "./table";
import { readSent } from "./write";

export interface AccountOptions {
  /** 3 to 24 lower-case letters and digits; for Cosmos 3 to 44, dashes included. */
  readonly name: string;
  /** key1, base64; made up where left out. */
  readonly key?: string;
  /** key2, base64; made up where left out. */
  readonly key2?: string;
}

const newKey = () => randomBytes(64).toString("base64");

/** One storage account: its keys and its tables. */
export class SimulatedAccount {
  readonly name: string;
  /** While true every SAS is answered as an expired one is. */
  sasCutOff = false;
  /** Whether keys open it, at the moment of a request. */
  takesKeys: () => boolean = () => true;
  /** What whoever shows a bearer token may do; undefined: nothing. */
  roleOf: (token: string) => "reader" | "contributor" | undefined = () => undefined;
  private key1: string;
  private key2: string;
  /** By name, in lower case where the service ignores case. */
  private readonly tables = new Map<string, SimulatedTable>();
  private lastTicks = 0n;
  private lastMs = Number.NaN;
  /** Tables whose names are not free yet. */
  private dying = 0;

  constructor(
    options: AccountOptions,
    private readonly profile: Profile,
    private readonly now: () => number,
  ) {
    if (!profile.accountName.test(options.name)) throw new Error(`${options.name} is no account name.`);
    this.name = options.name;
    this.key1 = options.key ?? newKey();
    this.key2 = options.key2 ?? newKey();
  }

  /** key1 and key2. */
  get keys(): readonly [string, string] {
    return [this.key1, this.key2];
  }

  /** Everything the old key signed is refused from now on. */
  regenerateKey(which: "key1" | "key2"): string {
    this[which] = newKey();
    return this[which];
  }

  /** Both keys at once. */
  setKeys([key1, key2]: readonly [string, string]): void {
    [this.key1, this.key2] = [key1, key2];
  }

  /** The server's Timestamp for the next write: its clock, and never twice the same. */
  nextTicks(): bigint {
    const ms = this.now();
    // Within a millisecond the clock is behind what was given out already.
    const wanted = ms === this.lastMs ? 0n : ticksFromMs(ms);
    this.lastMs = ms;
    this.lastTicks = wanted > this.lastTicks ? wanted : this.lastTicks + 1n;
    return this.lastTicks;
  }

  /** A table that is there and not being deleted. */
  liveTable(name: string): SimulatedTable | undefined {
    const table = this.tables.get(this.keyOf(name));
    return table?.goneAtMs === undefined ? table : undefined;
  }

  /** What a table is known by. */
  keyOf(name: string): string {
    return this.profile.tablesIgnoreCase ? name.toLowerCase() : name;
  }

  /** The table, or the service's TableNotFound (Cosmos: ResourceNotFound) or TableBeingDeleted. */
  table(name: string): SimulatedTable {
    this.sweep();
    const table = this.tables.get(this.keyOf(name));
    if (table === undefined) throw this.profile.name === "cosmos" ? new TableMissing() : refuse.tableNotFound();
    if (table.goneAtMs !== undefined) throw refuse.tableBeingDeleted();
    return table;
  }

  createTable(name: string): SimulatedTable {
    checkTableName(name);
    this.sweep();
    const present = this.tables.get(this.keyOf(name));
    if (present?.goneAtMs !== undefined) throw refuse.tableBeingDeleted();
    if (present !== undefined) throw refuse.tableExists();
    const table = new SimulatedTable(name, this.profile);
    this.tables.set(this.keyOf(name), table);
    return table;
  }

  /** The name stays taken for `deletionMs`. */
  deleteTable(name: string, deletionMs: number): void {
    const table = this.table(name);
    table.goneAtMs = this.now() + deletionMs;
    this.dying += 1;
    this.sweep();
  }

  /** Names in the order of `keyOf`, ordinally; without those being deleted. */
  tableNames(): readonly string[] {
    this.sweep();
    return [...this.tables.entries()]
      .filter(([, table]) => table.goneAtMs === undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, table]) => table.name);
  }

  /** Puts rows in without a request, under the service's rules; the table is created where missing. */
  seed(name: string, rows: Iterable<Omit<StoredEntity, "ticks"> & { readonly ticks?: bigint }>): void {
    const table = this.liveTable(name) ?? this.createTable(name);
    for (const row of rows) {
      const entity = { ...row, ticks: row.ticks ?? this.nextTicks() };
      checkEntity(entity, this.profile);
      table.rows.put(StoredRow.of(entity));
    }
  }

  /** The same from entities in JSON, as a request would carry them: `{"PartitionKey":"a","RowKey":"b","v":1.0}`. */
  seedJson(name: string, entities: Iterable<string | Buffer>): void {
    const table = this.liveTable(name) ?? this.createTable(name);
    for (const entity of entities) {
      const buffer = typeof entity === "string" ? Buffer.from(entity, "utf8") : entity;
      const sent = readSent({ buffer, start: 0, end: buffer.length }, this.profile);
      const { partitionKey, rowKey } = sent;
      if (partitionKey === undefined || rowKey === undefined) throw refuse.propertiesNeedValue();
      if (!(sent instanceof PlainEntity)) this.seed(name, [{ partitionKey, rowKey, properties: sent.properties }]);
      else {
        checkKey("PartitionKey", partitionKey, this.profile);
        checkKey("RowKey", rowKey, this.profile);
        table.rows.put(new StoredRow(partitionKey, rowKey, this.nextTicks(), sent.members));
      }
    }
  }

  /** Every row of a table in key order, read without a request. */
  rows(name: string): readonly StoredEntity[] {
    return this.inKeyOrder(name).map(({ partitionKey, rowKey, ticks, properties }) => ({
      partitionKey, rowKey, ticks, properties,
    }));
  }

  /** One row, read without a request. */
  row(name: string, partitionKey: string, rowKey: string): StoredEntity | undefined {
    const found = this.table(name).rows.get(partitionKey, rowKey);
    if (found === undefined) return undefined;
    return { partitionKey, rowKey, ticks: found.ticks, properties: found.properties };
  }

  /** Takes a row away without a request. */
  remove(name: string, partitionKey: string, rowKey: string): void {
    this.table(name).rows.remove(partitionKey, rowKey);
  }

  /** How many rows a table has. */
  rowCount(name: string): number {
    return this.table(name).rows.size;
  }

  /** A table's rows in key order, as a page with minimal metadata holds them. */
  wireRows(name: string): readonly Buffer[] {
    return this.inKeyOrder(name).map((row) => row.wire());
  }

  private inKeyOrder(name: string): readonly StoredRow[] {
    const { ordered, rows } = this.table(name);
    const all = rows.all();
    return ordered ? all : [...all].sort((a, b) => compareRows(a, b.partitionKey, b.rowKey));
  }

  private sweep(): void {
    if (this.dying === 0) return;
    for (const [key, table] of this.tables) {
      if (table.goneAtMs === undefined || table.goneAtMs > this.now()) continue;
      this.tables.delete(key);
      this.dying -= 1;
    }
  }
}
