import type { TableRecord } from "../../migration/engine/journal";
import type { RowKey } from "../../migration/engine/row";
import type { Claim } from "./log";

function keyOf({ partitionKey, rowKey }: RowKey): RowKey {
  return { partitionKey, rowKey };
}

/** What a record says of how far a pass has come, stretch by stretch: the one place that knows the journal's layout. */
export function claimsOf({ pass, complete, position }: TableRecord): readonly Claim[] {
  return [{ stretch: "all", pass, complete, ...(position ? { position: keyOf(position) } : {}) }];
}
