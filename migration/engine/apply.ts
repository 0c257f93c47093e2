import { assert, type OperationalError } from "./errors";
import { decide, type Decision, type PlanRules } from "./plan";
import { type Retrying, withRetry } from "./retry";
import type { RowKey } from "./row";
import type { PropertyDifference, RowFormat } from "./rowFormat";
import type { BatchOutcome, Store } from "./store";

export type Change = Extract<Decision, { kind: "write" | "delete" }>;

/** What became of one change. Nothing is left unsaid: each change has exactly one result. */
export type ChangeResult =
  | { readonly kind: "written"; readonly key: RowKey; readonly version: string }
  | { readonly kind: "deleted"; readonly key: RowKey }
  /** Somebody else changed the row between reading and writing. */
  | { readonly kind: "conflict"; readonly key: RowKey; readonly differences: readonly PropertyDifference[] }
  /** The service refuses the row itself (too large, illegal name, ...): code as the service spelt it. */
  | { readonly kind: "refused"; readonly key: RowKey; readonly error: OperationalError };

export interface Applying extends Retrying {
  readonly store: Store;
  readonly format: RowFormat;
  readonly table: string;
  readonly rules: PlanRules;
}

/** Rounds of reading and trying again before a batch is split, so that one contended row does not hold up the rest. */
const REPLANS_MAX = 3;

/**
 * Applies one batch. A batch is all or nothing; when the service refuses one, every change in it is resolved by
 * reading, and what is still to be done goes again. So does everything after an ambiguous failure: a change that had
 * been carried out after all meets itself, and is recognised by its content.
 */
export async function applyBatch(applying: Applying, changes: readonly Change[]): Promise<readonly ChangeResult[]> {
  const results: ChangeResult[] = [];
  let open = changes;
  for (let round = 0; open.length > 0; round += 1) {
    if (round > REPLANS_MAX) return [...results, ...(await splitOrGiveUp(applying, open))];
    const operations = open.map((change) => change.operation);
    const outcome = await withRetry(applying, () => applying.store.write(applying.table, operations));
    if (outcome.committed) return [...results, ...open.map((change, at) => done(change, outcome.versions[at] ?? ""))];
    if (outcome.reason === "invalid") return [...results, ...(await withoutInvalid(applying, open, outcome))];
    const resolved = await Promise.all(open.map((change) => replan(applying, change)));
    results.push(...resolved.filter((one): one is ChangeResult => !("operation" in one)));
    open = resolved.filter((one): one is Change => "operation" in one);
  }
  return results;
}

/** The service refuses a row for what it is: that row is reported, the others go on without it. */
async function withoutInvalid(
  applying: Applying,
  changes: readonly Change[],
  refusal: Extract<BatchOutcome, { committed: false }>,
): Promise<readonly ChangeResult[]> {
  const index = changes.length === 1 ? 0 : refusal.failedIndex;
  if (index === undefined) return inHalves(applying, changes);
  const invalid = changes[index];
  assert(invalid !== undefined, `failed index ${index} of ${changes.length} changes`);
  const rest = await applyBatch(applying, changes.filter((change) => change !== invalid));
  return [...rest, { kind: "refused", key: invalid.operation.key, error: refusal.error }];
}

async function inHalves(applying: Applying, changes: readonly Change[]): Promise<readonly ChangeResult[]> {
  const middle = Math.ceil(changes.length / 2);
  const first = await applyBatch(applying, changes.slice(0, middle));
  return [...first, ...(await applyBatch(applying, changes.slice(middle)))];
}

async function splitOrGiveUp(applying: Applying, changes: readonly Change[]): Promise<readonly ChangeResult[]> {
  if (changes.length > 1) return inHalves(applying, changes);
  return changes.map((change) => ({ kind: "conflict", key: change.operation.key, differences: [] }));
}

function done(change: Change, version: string): ChangeResult {
  const { key } = change.operation;
  return change.kind === "delete" ? { kind: "deleted", key } : { kind: "written", key, version };
}

/** What was read anew decides: either the change is settled, or another operation is tried. */
async function replan(applying: Applying, change: Change): Promise<ChangeResult | Change> {
  const { key } = change.operation;
  const present = await withRetry(applying, () => applying.store.readRow(applying.table, key));
  if (change.kind === "delete") {
    if (!present) return { kind: "deleted", key };
    if (present.version === change.operation.version) return change;
    if (applying.rules.conflicts === "refuse") return { kind: "conflict", key, differences: [] };
    return { ...change, operation: { kind: "delete", key, version: present.version } };
  }
  // The version is still the one that was planned on: another change in the batch was refused, not this one.
  const standing = present && present.version === change.operation.version ? "asLeft" : "changed";
  const pair = present ? { source: change.source, destination: present } : { source: change.source };
  const decision = decide(applying.format, pair, standing, applying.rules);
  if (decision.kind === "unchanged") return { kind: "written", key, version: decision.destination.version };
  if (decision.kind === "conflict") return { kind: "conflict", key, differences: decision.differences };
  assert(decision.kind === "write", `a write was planned anew as ${decision.kind}`);
  return decision;
}
