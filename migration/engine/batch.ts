import type { Store, WriteOperation } from "./store";

/**
 * Cuts operations into batches that the store accepts: rows, bytes, one partition. Order is kept within a partition.
 * An operation too large for any batch gets one of its own, and the service's own word on it.
 */
export function cutBatches<T extends { readonly operation: WriteOperation }>(
  store: Pick<Store, "limits" | "wireBytes">,
  changes: readonly T[],
): readonly (readonly T[])[] {
  const batches: T[][] = [];
  let current: T[] = [];
  let bytes = 0;
  for (const change of changes) {
    const size = store.wireBytes(change.operation);
    const last = current.at(-1);
    const otherPartition =
      store.limits.batchOnePartition && last && last.operation.key.partitionKey !== change.operation.key.partitionKey;
    const full = current.length >= store.limits.batchRowsMax || bytes + size > store.limits.batchBytesMax;
    if (last && (otherPartition || full)) {
      batches.push(current);
      current = [];
      bytes = 0;
    }
    current.push(change);
    bytes += size;
  }
  if (current.length > 0) batches.push(current);
  return batches;
}
