import { syncTables } from "../../../migration/engine";
import type { TableRecord } from "../../../migration/engine/journal";
import { JOURNAL_TABLE } from "../../../migration/engine/journal";
import type { RunOutcome, TableOutcome } from "../../../migration/engine/outcome";
import type { RowKey } from "../../../migration/engine/row";
import type { Store } from "../../../migration/engine/store";
import type { Phase } from "../../../migration/engine/sync/syncRecord";
import type { SyncSettings } from "../../../migration/engine/sync/syncSettings";
import { tableJournal } from "../../../migration/stores/azureTables/journal";
import { only, type RunOptions, TABLE, World } from "../world";

export interface SyncOptions extends RunOptions {
  readonly sync?: Partial<SyncSettings>;
}

/** Two stores, one clock, and a live move between them. */
export class SyncWorld extends World {
  sync(phase: Phase, options: SyncOptions = {}): Promise<RunOutcome> {
    const { sync, ...rest } = options;
    const settings = this.settings({ ...rest, settings: { deletes: "propagate", ...rest.settings } });
    return syncTables(this.context(rest), settings, {
      phase, reconcile: false, reconcileEveryHours: 24, quietMinutes: 0, lateConflicts: "report", ...sync,
    });
  }

  async phase(phase: Phase, options: SyncOptions = {}): Promise<TableOutcome> {
    return only(await this.sync(phase, options));
  }

  /** In phase "switched", with `count` rows on both sides. */
  async switched(count: number): Promise<void> {
    await this.seed(count);
    await this.phase("sync");
    expect(await this.phase("switched")).toMatchObject({ verdict: "synced", sync: { phase: "switched" } });
  }

  async record(): Promise<TableRecord | undefined> {
    const journal = tableJournal(this.destination, JOURNAL_TABLE, { clock: this.clock });
    const { source: { identity } } = this;
    return journal.readTable({ source: identity, table: TABLE, destinationTable: TABLE });
  }

  /** The row's properties, without keys; undefined where there is none. */
  async row(store: Store, key: RowKey): Promise<Record<string, unknown> | undefined> {
    const row = await store.readRow(TABLE, key);
    if (!row) return undefined;
    const members = Object.entries(JSON.parse(Buffer.from(row.body).toString("utf8")) as Record<string, unknown>);
    return Object.fromEntries(members.filter(([name]) => name !== "PartitionKey" && name !== "RowKey"));
  }
}
