import { applyBatch, type Applying, type Change, type ChangeResult } from "./apply";
import { cutBatches } from "./batch";
import type { Decision, PlanRules } from "./plan";
import type { Run } from "./run";
import type { TableSettings } from "./settings";
import { throwIfStopped } from "./stop";
import { settleEach } from "./together";

export interface Applied {
  /** One for each change, in their order; undefined where its batch failed. */
  readonly results: readonly (ChangeResult | undefined)[];
  /** Why some changes have no result; what was done counts all the same. */
  readonly failure?: unknown;
}

export function isChange(decision: Decision): decision is Change {
  return decision.kind === "write" || decision.kind === "delete";
}

/** What a table's rows are decided by. */
export function rulesOf({ settings: { deletes, conflicts } }: Run, { mode }: TableSettings): PlanRules {
  return { mode, deletes, conflicts };
}

/** Writes changes in batches; `standing`: what is known of a row that an insert meets, where the journal knows. */
export async function applyChanges(
  { run, settings }: { readonly run: Run; readonly settings: TableSettings },
  changes: readonly Change[],
  standing?: Applying["standing"],
): Promise<Applied> {
  const { destination, format } = run.context;
  const applying = {
    ...run.writing,
    store: destination,
    format,
    table: settings.destinationTable,
    rules: rulesOf(run, settings),
    ...(standing ? { standing } : {}),
  };
  const batches = cutBatches(destination, changes);
  // No more at once than the account is sent: a thousand rows that need a request each would wait in memory.
  const settled = await settleEach(batches, run.settings.concurrency, async (batch) => {
    throwIfStopped(run.signal);
    return applyBatch(applying, batch);
  });
  // Every batch is heard out before one that failed ends the work: no request is left under way behind its back.
  const failed = settled.find((one) => one.status === "rejected");
  const results = settled.flatMap((one, at): readonly (ChangeResult | undefined)[] =>
    one.status === "fulfilled" ? one.value : (batches[at] as readonly Change[]).map(() => undefined),
  );
  return { results, ...(failed ? { failure: failed.reason } : {}) };
}
