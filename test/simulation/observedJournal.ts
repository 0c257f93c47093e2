import type { Journal } from "../../migration/engine/journal";
import { claimsOf } from "./claims";
import type { Log } from "./log";

/** The journal with a witness: what it was handed, and what it took. */
export function observedJournal(journal: Journal, by: string, log: Log): Journal {
  return new Proxy(journal, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (name !== "commit" || typeof value !== "function") return value;
      return async (...args: Parameters<Journal["commit"]>) => {
        const [migration, { table, segments = [] }] = args;
        const facts = { by, migration, segments: segments.length, claims: table ? claimsOf(table) : [] };
        log.add({ kind: "journal", phase: "asked", ...facts });
        await target.commit(...args);
        log.add({ kind: "journal", phase: "kept", ...facts });
      };
    },
  });
}
