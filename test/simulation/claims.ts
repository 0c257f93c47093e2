import type { TableRecord } from "../../migration/engine/journal";
import type { RowKey } from "../../migration/engine/row";
import type { Claim } from "./log";

function keyOf({ partitionKey, rowKey }: RowKey): RowKey {
  return { partitionKey, rowKey };
}

/** The journal's entity under this key is a table's record: neither a lease nor a segment. */
export function speaksOfATable({ rowKey }: RowKey): boolean {
  return rowKey === "table";
}

/**
 * What a record says of how far a pass has come, stretch by stretch. This file alone knows the journal's layout.
 * A range is known by its first sequence: its end may come nearer when it is divided, its position only moves on. One
 * that is complete stands at its end; the last one, which has none, is complete to the table's end.
 */
export function claimsOf({ pass, complete, ranges }: TableRecord): readonly Claim[] {
  return ranges.map((range, at) => {
    const after = ranges[at - 1]?.upTo;
    const position = range.complete ? range.upTo : range.position;
    return {
      stretch: String(range.firstSequence),
      pass,
      complete: complete || (range.complete && !range.upTo),
      ...(after ? { after: keyOf(after) } : {}),
      ...(position ? { position: keyOf(position) } : {}),
    };
  });
}
