import { OperationalError } from "../errors";
import { partitionLoad } from "../lanes";
import { REQUEST_RETRY, withRetry } from "../retry";
import type { Digest, Row } from "../row";
import type { BatchOutcome, WriteOperation } from "../store";
import type { SyncingTable } from "./syncing";

export type LateResult =
  | { readonly kind: "done"; readonly version: string }
  /** The condition did not hold: somebody wrote the row in between. `present` is how it is now. */
  | { readonly kind: "met"; readonly present: Row | undefined }
  /** The service refuses the row itself. */
  | { readonly kind: "refused"; readonly error: OperationalError }
  /** No attempt succeeded. `mayHaveArrived`: one of them was perhaps carried out all the same, or will be. */
  | { readonly kind: "failed"; readonly error: unknown; readonly mayHaveArrived: boolean };

/**
 * One late change, under its condition. A time-out leaves open whether it was carried out: only then may a row that
 * holds what was to be written count as ours. `digest`: of what the row will hold.
 */
export async function writeLate(
  { run, settings }: SyncingTable,
  operation: WriteOperation,
  digest: Digest,
): Promise<LateResult> {
  const { destination } = run.context;
  const { destinationTable: table } = settings;
  const { key, kind } = operation;
  let ambiguous = false;
  const attempt = async () => {
    try {
      return await destination.write(table, [operation]);
    } catch (error) {
      if (!(error instanceof OperationalError) || error.ambiguous) ambiguous = true;
      throw error;
    }
  };
  let outcome: BatchOutcome;
  try {
    outcome = await withRetry(run.writing, attempt, REQUEST_RETRY, partitionLoad(table, key.partitionKey, 1));
  } catch (error) {
    return { kind: "failed", error, mayHaveArrived: ambiguous };
  }
  if (outcome.committed) return { kind: "done", version: outcome.versions[0] ?? "" };
  if (outcome.reason === "invalid") return { kind: "refused", error: outcome.error };
  const present = await withRetry(run.writing, () => destination.readRow(table, key));
  if (kind === "delete" && !present) return { kind: "done", version: "" };
  const carriedOut = ambiguous && kind !== "delete" && present?.digest === digest;
  return carriedOut ? { kind: "done", version: present.version } : { kind: "met", present };
}
