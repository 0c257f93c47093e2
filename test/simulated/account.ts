import { randomBytes } from "node:crypto";
import { ticksFromMs } from "./dateTime";
import type { StoredEntity } from "./entity";
import { readEntity } from "./entity";
import { refuse } from "./errors";
import { checkEntity, checkTableName } from "./rules";
import type { Profile } from "./profile";
import { SimulatedTable } from "./table";

export interface AccountOptions {
  /** 3 to 24 lower-case letters and digits. */
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
  private key1: string;
  private key2: string;
  /** By lower-case name: names are case-insensitive. */
  private readonly tables = new Map<string, SimulatedTable>();
  private lastTicks = 0n;

  constructor(
    options: AccountOptions,
    private readonly profile: Profile,
    private readonly now: () => number,
  ) {
    if (!/^[a-z0-9]{3,24}$/.test(options.name)) throw new Error(`${options.name} is no account name.`);
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

  /** The server's Timestamp for the next write: its clock, and never twice the same. */
  nextTicks(): bigint {
    const wanted = ticksFromMs(this.now());
    this.lastTicks = wanted > this.lastTicks ? wanted : this.lastTicks + 1n;
    return this.lastTicks;
  }

  /** A table that is there and not being deleted. */
  liveTable(name: string): SimulatedTable | undefined {
    const table = this.tables.get(name.toLowerCase());
    return table?.goneAtMs === undefined ? table : undefined;
  }

  /** The table, or the service's TableNotFound or TableBeingDeleted. */
  table(name: string): SimulatedTable {
    this.sweep();
    const table = this.tables.get(name.toLowerCase());
    if (table === undefined) throw refuse.tableNotFound();
    if (table.goneAtMs !== undefined) throw refuse.tableBeingDeleted();
    return table;
  }

  createTable(name: string): SimulatedTable {
    checkTableName(name);
    this.sweep();
    const present = this.tables.get(name.toLowerCase());
    if (present?.goneAtMs !== undefined) throw refuse.tableBeingDeleted();
    if (present !== undefined) throw refuse.tableExists();
    const table = new SimulatedTable(name);
    this.tables.set(name.toLowerCase(), table);
    return table;
  }

  /** The name stays taken for `deletionMs`. */
  deleteTable(name: string, deletionMs: number): void {
    const table = this.table(name);
    table.goneAtMs = this.now() + deletionMs;
    this.sweep();
  }

  /** Names in ordinal order, ignoring case; without those being deleted. */
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
      table.put(entity);
    }
  }

  /** The same from entities in JSON, as a request would carry them: `{"PartitionKey":"a","RowKey":"b","v":1.0}`. */
  seedJson(name: string, entities: Iterable<string>): void {
    const rows = [...entities].map((entity) => {
      const { partitionKey, rowKey, properties } = readEntity(entity);
      if (partitionKey === undefined || rowKey === undefined) throw refuse.propertiesNeedValue();
      return { partitionKey, rowKey, properties };
    });
    this.seed(name, rows);
  }

  /** Every row of a table in key order, read without a request. */
  rows(name: string): readonly StoredEntity[] {
    return this.table(name).all();
  }

  private sweep(): void {
    for (const [key, table] of this.tables) {
      if (table.goneAtMs !== undefined && table.goneAtMs <= this.now()) this.tables.delete(key);
    }
  }
}
