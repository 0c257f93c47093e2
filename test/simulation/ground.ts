import { OperationalError } from "../../migration/engine/errors";
import { compareKeys, type RowKey } from "../../migration/engine/row";
import type { Store } from "../../migration/engine/store";
import type { MemoryStore } from "../../migration/stores/memory";
import type { Fault } from "./faults";
import type { Held } from "./log";

export type HeldRow = RowKey & Held;

/** An account as those see it who stand beside it: no network, no faults, no waiting. */
export interface Ground {
  readonly store: Store;
  /** What is there for each of these keys. */
  held(table: string, keys: readonly RowKey[]): readonly (Held | undefined)[];
  createTable(table: string): Promise<void>;
  /** Writes a row whatever was there; `members` is JSON without braces and keys. */
  put(table: string, key: RowKey, members: string): Promise<void>;
  remove(table: string, key: RowKey): Promise<void>;
  /** Where faults happen on the wire: the next request meets this one. False: the network plays it. */
  arm(fault: Fault): boolean;
  /** Forgets a fault that no request met. */
  disarm(): void;
  close(): Promise<void>;
}

/** Entity JSON. */
export function entityText(key: RowKey, members: string): string {
  const keys = `"PartitionKey":${JSON.stringify(key.partitionKey)},"RowKey":${JSON.stringify(key.rowKey)}`;
  return `{${keys}${members === "" ? "" : `,${members}`}}`;
}

function rowsOf(store: MemoryStore, table: string): ReturnType<MemoryStore["rows"]> {
  try {
    return store.rows(table);
  } catch (error) {
    if (error instanceof OperationalError && error.code === "TableNotFound") return [];
    throw error;
  }
}

/** An account in memory. */
export function memoryGround(store: MemoryStore): Ground {
  return {
    store,
    held: (table, keys) => {
      const rows = rowsOf(store, table);
      return keys.map((key) => {
        let low = 0;
        let high = rows.length;
        while (low < high) {
          const middle = (low + high) >>> 1;
          if (compareKeys(rows[middle] as RowKey, key) < 0) low = middle + 1;
          else high = middle;
        }
        const row = rows[low];
        if (!row || compareKeys(row, key) !== 0) return undefined;
        return { stamp: row.version, content: Buffer.from(row.body).toString("utf8") };
      });
    },
    createTable: async (table) => void (await store.createTable(table)),
    put: async (table, key, members) => void (await store.put(table, entityText(key, members))),
    remove: async (table, key) => void store.remove(table, key),
    arm: () => false,
    disarm: () => undefined,
    close: () => store.close(),
  };
}
