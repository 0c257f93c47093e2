import { openAzureTables } from "../../migration/stores/azureTables";
import type { RowKey } from "../../migration/engine/row";
import type { Store, WriteOperation } from "../../migration/engine/store";
import type { RunningAccount } from "../emulators";

/** An entity as JSON members, keys apart. */
export interface SeedRow extends RowKey {
  readonly members: string;
}

const BATCH_ROWS = 100;

/** Batches of one emulator under way at once. */
const BATCHES_AT_ONCE = 4;

/** The account with its owner's own key: what the people of the organisation do to their rows. */
export function openAsOwner(account: RunningAccount): Store {
  const [key] = account.keys() ?? [];
  if (key === undefined) throw new Error(`Account ${account.account} does not exist yet.`);
  return openAzureTables({ kind: "sharedKey", account: account.account, endpoint: account.ownEndpoint, key });
}

export function bodyOf({ partitionKey, rowKey, members }: SeedRow): Uint8Array {
  const keys = `"PartitionKey":${JSON.stringify(partitionKey)},"RowKey":${JSON.stringify(rowKey)}`;
  return Buffer.from(`{${keys},${members}}`);
}

export async function putRow(store: Store, table: string, row: SeedRow): Promise<void> {
  await mustWrite(store, table, [{ kind: "putReplace", key: keyOf(row), body: bodyOf(row) }]);
}

export async function removeRow(store: Store, table: string, key: RowKey): Promise<void> {
  await mustWrite(store, table, [{ kind: "delete", key, version: "*" }]);
}

function keyOf({ partitionKey, rowKey }: RowKey): RowKey {
  return { partitionKey, rowKey };
}

async function mustWrite(store: Store, table: string, operations: readonly WriteOperation[]): Promise<void> {
  const outcome = await store.write(table, operations);
  if (!outcome.committed) throw outcome.error;
}

/** Loads a table from nothing, in batches of one partition. */
export async function loadTable(store: Store, table: string, rows: readonly SeedRow[]): Promise<void> {
  await store.createTable(table);
  const partitions = new Map<string, SeedRow[]>();
  for (const row of rows) {
    const known = partitions.get(row.partitionKey);
    if (known) known.push(row);
    else partitions.set(row.partitionKey, [row]);
  }
  const batches: WriteOperation[][] = [];
  for (const partition of partitions.values()) {
    for (let at = 0; at < partition.length; at += BATCH_ROWS) {
      const part = partition.slice(at, at + BATCH_ROWS);
      batches.push(part.map((row) => ({ kind: "insert" as const, key: keyOf(row), body: bodyOf(row) })));
    }
  }
  const worker = async () => {
    for (let next = batches.pop(); next; next = batches.pop()) await mustWrite(store, table, next);
  };
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, worker));
}
