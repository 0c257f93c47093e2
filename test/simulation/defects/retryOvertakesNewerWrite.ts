import type { WriteOperation } from "../../../migration/engine/store";
import { type Defect, replacing } from "./port";

function unconditional({ kind, key, body }: WriteOperation): WriteOperation {
  if (kind === "delete" || !body) return { kind: "delete", key, version: "*" };
  return { kind: kind === "merge" ? "putMerge" : "putReplace", key, body };
}

/** Sends a batch whose answer was lost once more, whatever is there by then. */
export const retryOvertakesNewerWrite: Defect = {
  name: "retry-overtakes-newer-write",
  caughtBy: "no stale overwrite",
  withinSeeds: 100,
  install: (ports) => {
    const sent = new Set<readonly WriteOperation[]>();
    return {
      ...ports,
      destination: replacing(ports.destination, {
        write: (table, operations) => {
          const again = sent.has(operations);
          sent.add(operations);
          return ports.destination.write(table, again ? operations.map(unconditional) : operations);
        },
      }),
    };
  },
};
