import { assert } from "./errors";
import type { Pair } from "./merge";
import type { Standing } from "./receipts";
import type { Row } from "./row";
import type { CopyMode, PropertyDifference, RowFormat } from "./rowFormat";
import type { ConflictPolicy, DeletePolicy } from "./settings";
import type { WriteOperation } from "./store";

/** What is to be done about one key. Planning is pure: reading and writing happen elsewhere. */
export type Decision =
  | { readonly kind: "unchanged"; readonly destination: Row }
  | { readonly kind: "write"; readonly operation: WriteOperation; readonly source: Row }
  | { readonly kind: "delete"; readonly operation: WriteOperation; readonly destination: Row }
  | {
      readonly kind: "conflict";
      readonly differences: readonly PropertyDifference[];
      readonly destination: Row;
      /** Why, for people, where the differences do not say it. */
      readonly reason?: string;
    }
  /** A row that only the destination has, and which stays there. */
  | { readonly kind: "extra"; readonly accepted: boolean; readonly destination: Row };

export interface PlanRules {
  readonly mode: CopyMode;
  readonly deletes: DeletePolicy;
  readonly conflicts: ConflictPolicy;
  /**
   * A live move: a row that only the destination has is the source's deletion only where a run left it. Any other is
   * somebody's work, such as that of an application which moved too early, or of a journal that was lost.
   */
  readonly live?: boolean;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Equality of typed values. Bytes first: equal bytes are equal values, and cost nothing to see. */
export function differencesOf(
  format: RowFormat,
  source: Row,
  destination: Row,
  mode: CopyMode,
): readonly PropertyDifference[] {
  return sameBytes(source.body, destination.body) ? [] : format.differences(source, destination, mode);
}

function write(kind: WriteOperation["kind"], source: Row, version?: string): Decision {
  const { body } = source;
  const operation = version === undefined ? { kind, key: source, body } : { kind, key: source, body, version };
  return { kind: "write", source, operation };
}

function decideExtra(destination: Row, standing: () => Standing, rules: PlanRules): Decision {
  if (rules.deletes !== "propagate") {
    return { kind: "extra", accepted: rules.deletes === "accept", destination };
  }
  // The source deleted the row, and somebody changed it here since we wrote it: their work is not ours to delete.
  const known = rules.conflicts === "refuse" ? standing() : "asLeft";
  if (known === "changed") {
    return { kind: "conflict", differences: [], destination, reason: "gone from the source, changed here" };
  }
  if (known === "unrecorded" && rules.live === true) {
    return { kind: "conflict", differences: [], destination, reason: "only here, and not landbridge's" };
  }
  const operation = { kind: "delete", key: destination, version: destination.version } as const;
  return { kind: "delete", destination, operation };
}

/**
 * Writes are conditional on what was read: an insert meets no row, a replace meets the version just seen.
 * A differing row is overwritten only where a run left it so, or where the user said so. `standing` is asked only
 * then: it costs a look into the receipts.
 */
export function decide(
  format: RowFormat,
  pair: Pair,
  standing: () => Standing,
  rules: PlanRules,
): Decision {
  const { source, destination } = pair;
  if (source && !destination) return write("insert", source);
  if (!source && destination) return decideExtra(destination, standing, rules);
  assert(source !== undefined && destination !== undefined, "a pair has no rows");
  const differences = differencesOf(format, source, destination, rules.mode);
  if (differences.length === 0) return { kind: "unchanged", destination };
  if (rules.conflicts === "refuse" && standing() !== "asLeft") return { kind: "conflict", differences, destination };
  return write(rules.mode === "merge" ? "merge" : "replace", source, destination.version);
}
