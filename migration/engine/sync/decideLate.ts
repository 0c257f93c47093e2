import { differencesOf } from "../plan";
import type { Standing } from "../receipts";
import type { Row } from "../row";
import type { CopyMode, PropertyDifference, RowFormat } from "../rowFormat";
import type { WriteOperation } from "../store";

/** Why a late change could overwrite newer data, for people. */
export type LateReason =
  | "changed in the destination since the switch"
  | "deleted in the destination since the switch"
  | "perhaps inserted by a run that was cut short, and deleted in the destination since"
  | "new in the source and in the destination since the switch"
  | "deleted in the source, changed in the destination since the switch"
  | "changed in the destination while the late change was written";

/** Nobody can know it: whether the insert arrived was not recorded, and of a deletion nothing is left. */
export const PERHAPS_DELETED: LateReason =
  "perhaps inserted by a run that was cut short, and deleted in the destination since";

/** What is to be done about a row that the source changed after the switch. */
export type LateDecision =
  | { readonly kind: "write"; readonly operation: WriteOperation }
  /** The destination holds it already, and landbridge left it there. */
  | { readonly kind: "settled"; readonly version: string }
  /** Somebody wrote the same into the destination: it is theirs. */
  | { readonly kind: "alike" }
  | { readonly kind: "conflict"; readonly reason: LateReason; readonly differences: readonly PropertyDifference[] };

/** What the record says of a key. */
export interface Known {
  /** A row was left there: not only meant to be. */
  readonly wasThere: boolean;
  /** A run that was cut short was about to insert it, and nothing tells whether it did. */
  readonly isMeant: boolean;
}

/** Makes the source's row win, whatever is there now. */
export function overwrite(row: Row, present: Row | undefined, mode: CopyMode): WriteOperation {
  const { body } = row;
  if (!present) return { kind: "insert", key: row, body };
  return { kind: mode === "merge" ? "merge" : "replace", key: row, body, version: present.version };
}

/**
 * After the switch the destination is the application's. A late change goes only where it cannot overwrite newer data:
 * where the row is as landbridge left it, or where there never was one. `standing` is that of the present row.
 */
export function decideLate(
  format: RowFormat,
  mode: CopyMode,
  row: Row,
  { wasThere, isMeant }: Known,
  present: Row | undefined,
  standing: Standing,
): LateDecision {
  const conflict = (reason: LateReason, differences: readonly PropertyDifference[] = []): LateDecision =>
    ({ kind: "conflict", reason, differences });
  if (!present) {
    if (isMeant) return conflict(PERHAPS_DELETED);
    if (wasThere) return conflict("deleted in the destination since the switch");
    return { kind: "write", operation: overwrite(row, undefined, mode) };
  }
  const differences = differencesOf(format, row, present, mode);
  if (standing === "asLeft") {
    if (differences.length === 0) return { kind: "settled", version: present.version };
    return { kind: "write", operation: overwrite(row, present, mode) };
  }
  if (differences.length === 0) return { kind: "alike" };
  if (wasThere && !isMeant) return conflict("changed in the destination since the switch", differences);
  return conflict("new in the source and in the destination since the switch", differences);
}
