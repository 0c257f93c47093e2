import type { Journal, TableRecord } from "../../migration/engine/journal";
import type { Claim, Log } from "./log";

/** What a record says of how far a pass has come, and no more: a position may carry a whole row along. */
function claimOf({ pass, complete, position }: TableRecord): Claim {
  if (!position) return { pass, complete };
  const { partitionKey, rowKey } = position;
  return { pass, complete, position: { partitionKey, rowKey } };
}

/** The journal with a witness: what it was handed, and what it took. */
export function observedJournal(journal: Journal, by: string, log: Log): Journal {
  return new Proxy(journal, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (name !== "commit" || typeof value !== "function") return value;
      return async (...args: Parameters<Journal["commit"]>) => {
        const [migration, { table, segments = [] }] = args;
        const facts = { by, migration, segments: segments.length, ...(table ? { claim: claimOf(table) } : {}) };
        log.add({ kind: "journal", phase: "asked", ...facts });
        await target.commit(...args);
        log.add({ kind: "journal", phase: "kept", ...facts });
      };
    },
  });
}
