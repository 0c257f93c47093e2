import { assert, type OperationalError } from "./errors";
import { partitionLoad } from "./lanes";
import { decide, type Decision, type PlanRules } from "./plan";
import { REQUEST_RETRY, type Retrying, withRetry } from "./retry";
import type { Standing } from "./receipts";
import { describeKey, type Row, type RowKey } from "./row";
import type { PropertyDifference, RowFormat } from "./rowFormat";
import type { BatchOutcome, Store, WriteOperation } from "./store";

export type Change = Extract<Decision, { kind: "write" | "delete" }>;

/** What became of one change. Nothing is left unsaid: each change has exactly one result. */
export type ChangeResult =
  | { readonly kind: "written"; readonly key: RowKey; readonly version: string }
  | { readonly kind: "deleted"; readonly key: RowKey }
  /** Somebody else changed the row between reading and writing. */
  | { readonly kind: "conflict"; readonly key: RowKey; readonly differences: readonly PropertyDifference[] }
  /** The service refuses the row itself (too large, illegal name, ...): code as the service spelt it. */
  | {
      readonly kind: "refused";
      readonly key: RowKey;
      readonly error: OperationalError;
      /** There is an older row in the destination. */
      readonly replaces: boolean;
    };

export interface Applying extends Retrying {
  readonly store: Store;
  readonly format: RowFormat;
  readonly table: string;
  readonly rules: PlanRules;
  /** What is known of a row that an insert meets; without it, such a row is somebody else's. */
  readonly standing?: (row: Row) => Standing;
}

/** Rounds of reading and trying again before a batch is split, so that one contended row does not hold up the rest. */
const REPLANS_MAX = 3;

/**
 * Applies one batch; results come in the order of the changes. A batch is all or nothing; when the service refuses
 * one, every change in it is resolved by reading, and what is still to be done goes again. So does everything after an
 * ambiguous failure: a change that had been carried out after all meets itself, and is recognised by its content.
 */
export async function applyBatch(applying: Applying, changes: readonly Change[]): Promise<readonly ChangeResult[]> {
  const operations = changes.map((change) => change.operation);
  const outcome = await write(applying, operations);
  if (outcome.committed) return changes.map((change, at) => done(change, outcome.versions[at] ?? ""));
  const results = new Map<RowKey, ChangeResult>();
  await resolve(applying, changes, outcome, results);
  return changes.map(({ operation }) => {
    const result = results.get(operation.key);
    assert(result !== undefined, `nothing is known of what became of row ${describeKey(operation.key)}`);
    return result;
  });
}

function write(applying: Applying, operations: readonly WriteOperation[]): Promise<BatchOutcome> {
  const { store, table } = applying;
  const load = partitionLoad(table, operations[0]?.key.partitionKey ?? "", operations.length);
  return withRetry(applying, () => store.write(table, operations), REQUEST_RETRY, load);
}

type Refusal = Extract<BatchOutcome, { committed: false }>;

/** What was planned anew keeps its key, the very object: that is how results find back to their changes. */
type Results = Map<RowKey, ChangeResult>;

/** Settles every change of a batch that was refused. */
async function resolve(
  applying: Applying,
  changes: readonly Change[],
  refusal: Refusal,
  results: Results,
): Promise<void> {
  let open = changes;
  let outcome: BatchOutcome = refusal;
  for (let round = 1; !outcome.committed; round += 1) {
    if (outcome.reason === "invalid") return withoutInvalid(applying, open, outcome, results);
    const planned = await Promise.all(open.map((change) => replan(applying, change)));
    planned.forEach((one) => "operation" in one || results.set(one.key, one));
    open = planned.filter((one): one is Change => "operation" in one);
    if (open.length === 0) return;
    if (round > REPLANS_MAX) return splitOrGiveUp(applying, open, results);
    const operations = open.map((change) => change.operation);
    outcome = await write(applying, operations);
  }
  const { versions } = outcome;
  open.forEach((change, at) => results.set(change.operation.key, done(change, versions[at] ?? "")));
}

async function applyInto(applying: Applying, changes: readonly Change[], results: Results): Promise<void> {
  if (changes.length === 0) return;
  const applied = await applyBatch(applying, changes);
  applied.forEach((one, at) => results.set((changes[at] as Change).operation.key, one));
}

/**
 * The service refuses a row for what it is. Only a row that is refused alone is reported: a batch's refusal may name
 * the wrong one, and a good row would be left out for it. The others go on without it.
 */
async function withoutInvalid(
  applying: Applying,
  changes: readonly Change[],
  refusal: Refusal,
  results: Results,
): Promise<void> {
  const [only] = changes;
  if (changes.length === 1 && only !== undefined) {
    const { key, version } = only.operation;
    results.set(key, { kind: "refused", key, error: refusal.error, replaces: version !== undefined });
    return;
  }
  const index = refusal.failedIndex;
  if (index === undefined) return inHalves(applying, changes, results);
  const accused = changes[index];
  assert(accused !== undefined, `failed index ${index} of ${changes.length} changes`);
  await applyInto(applying, [accused], results);
  await applyInto(applying, changes.filter((change) => change !== accused), results);
}

async function inHalves(applying: Applying, changes: readonly Change[], results: Results): Promise<void> {
  const middle = Math.ceil(changes.length / 2);
  await applyInto(applying, changes.slice(0, middle), results);
  await applyInto(applying, changes.slice(middle), results);
}

async function splitOrGiveUp(applying: Applying, changes: readonly Change[], results: Results): Promise<void> {
  if (changes.length > 1) return inHalves(applying, changes, results);
  for (const { operation: { key } } of changes) results.set(key, { kind: "conflict", key, differences: [] });
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
  const same = present !== undefined && present.version === change.operation.version;
  const met = change.operation.version === undefined && present ? applying.standing?.(present) : undefined;
  const standing = same ? "asLeft" : (met ?? "changed");
  const pair = present ? { source: change.source, destination: present } : { source: change.source };
  const decision = decide(applying.format, pair, () => standing, applying.rules);
  if (decision.kind === "unchanged") return { kind: "written", key, version: decision.destination.version };
  if (decision.kind === "conflict") return { kind: "conflict", key, differences: decision.differences };
  assert(decision.kind === "write", `a write was planned anew as ${decision.kind}`);
  return decision;
}
