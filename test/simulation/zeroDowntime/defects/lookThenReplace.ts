import type { WriteOperation } from "../../../../migration/engine/store";
import { type Defect, replacing } from "../../defects/port";

function unconditional({ kind, key, body, version }: WriteOperation): WriteOperation {
  if (kind === "delete" || !body) return { kind: "delete", key, version: version === undefined ? "*" : version };
  return { kind: kind === "merge" ? "putMerge" : "putReplace", key, body };
}

/** Looks whether the destination's row is newer, then writes without a condition: the application may be quicker. */
export const lookThenReplace: Defect = {
  name: "look-then-replace",
  caughtBy: "no stale overwrite",
  withinSeeds: 100,
  install: (ports) => ({
    ...ports,
    destination: replacing(ports.destination, {
      write: (table, operations) => ports.destination.write(table, operations.map(unconditional)),
    }),
  }),
};
