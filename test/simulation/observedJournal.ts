import type { Journal, MigrationKey } from "../../migration/engine/journal";
import type { RowKey } from "../../migration/engine/row";
import { claimsOf, speaksOfATable } from "./claims";
import type { Log } from "./log";

/** Before anything is recorded. */
const NOTHING = JSON.stringify({ claims: [] });

/** Writes down what the journal holds of each table, whenever that changes. */
export function journalReader(journal: Journal, migrations: readonly MigrationKey[], log: Log) {
  const last = new Map<string, string>();
  /** Which migration's records stand in a partition, as far as writes have shown. */
  const owners = new Map<string, MigrationKey>();
  return async (by: string, keys: readonly RowKey[]): Promise<void> => {
    const partitionKey = keys.find(speaksOfATable)?.partitionKey;
    if (partitionKey === undefined) return;
    const owner = owners.get(partitionKey);
    for (const migration of owner ? [owner] : migrations) {
      const record = await journal.readTable(migration);
      const claims = record ? claimsOf(record) : [];
      const sync = record?.sync ? { sync: record.sync } : {};
      const text = JSON.stringify({ claims, ...sync });
      if (text === (last.get(migration.table) ?? NOTHING)) continue;
      last.set(migration.table, text);
      owners.set(partitionKey, migration);
      log.add({ kind: "recorded", by, table: migration.table, claims, ...sync });
    }
  };
}

/** The journal with a witness: what it was handed. */
export function observedJournal(journal: Journal, by: string, log: Log): Journal {
  return new Proxy(journal, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (name !== "commit" || typeof value !== "function") return value;
      return async (...args: Parameters<Journal["commit"]>) => {
        const [migration, { table, segments = [] }] = args;
        const claims = table ? claimsOf(table) : [];
        log.add({ kind: "journal", by, migration, segments: segments.length, claims });
        await target.commit(...args);
      };
    },
  });
}
