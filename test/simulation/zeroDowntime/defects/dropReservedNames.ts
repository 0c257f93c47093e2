import type { WriteOperation } from "../../../../migration/engine/store";
import { type Defect, replacing } from "../../defects/port";

const RESERVED = /^(?:own_)?(?:id|rid|etag|resourceid)(?:@odata\.type)?$/i;

function without({ body, ...operation }: WriteOperation): WriteOperation {
  if (!body) return operation;
  const entity = Object.entries(JSON.parse(Buffer.from(body).toString("utf8")) as Record<string, unknown>);
  const kept = entity.filter(([name]) => !RESERVED.test(name));
  if (kept.length === entity.length) return { body, ...operation };
  return { ...operation, body: Buffer.from(JSON.stringify(Object.fromEntries(kept))) };
}

/** Leaves out, without a word, what the other service would refuse: id, rid, etag, ResourceId. */
export const dropReservedNames: Defect = {
  name: "drop-reserved-names",
  caughtBy: "faithful",
  withinSeeds: 20,
  install: (ports) => ({
    ...ports,
    destination: replacing(ports.destination, {
      write: (table, operations) => ports.destination.write(table, operations.map(without)),
    }),
  }),
};
