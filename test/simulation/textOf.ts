import type { RowKey } from "../../migration/engine/row";

/** A key as text that no other key has. */
export function textOf({ partitionKey, rowKey }: RowKey): string {
  return JSON.stringify([partitionKey, rowKey]);
}
