import type { WriteOperation } from "../../../../migration/engine/store";
import { type Defect, replacing } from "../../defects/port";

const KEYS = ["PartitionKey", "RowKey"] as const;

/** As with a dictionary of names that does not mind their case: the last of several counts. */
function folded(operation: WriteOperation): WriteOperation {
  if (!operation.body) return operation;
  const entity = JSON.parse(Buffer.from(operation.body).toString("utf8")) as Record<string, unknown>;
  const impostor = (key: string) =>
    Object.keys(entity).find((name) => name !== key && name.toLowerCase() === key.toLowerCase());
  const found = KEYS.map((key) => ({ key, name: impostor(key) })).filter(({ name }) => name !== undefined);
  if (found.length === 0) return operation;
  for (const { key, name = "" } of found) {
    entity[key] = String(entity[name]);
    delete entity[name];
  }
  const key = { partitionKey: String(entity["PartitionKey"]), rowKey: String(entity["RowKey"]) };
  return { ...operation, key, body: Buffer.from(JSON.stringify(entity)) };
}

/** Takes a property named `rowkey` for the RowKey. */
export const ignoreCaseOfNames: Defect = {
  name: "ignore-case-of-names",
  caughtBy: "faithful",
  withinSeeds: 20,
  install: (ports) => ({
    ...ports,
    destination: replacing(ports.destination, {
      write: async (table, operations) => {
        const [first] = operations;
        const changed = operations.map(folded);
        // One batch, one partition: what leaves it goes by itself.
        const here = changed.filter(({ key }) => key.partitionKey === first?.key.partitionKey);
        if (here.length === changed.length && new Set(here.map(({ key }) => key.rowKey)).size === here.length) {
          return ports.destination.write(table, changed);
        }
        const versions: string[] = [];
        for (const one of changed) {
          const outcome = await ports.destination.write(table, [one]);
          if (!outcome.committed) return outcome;
          versions.push(...outcome.versions);
        }
        return { committed: true, versions };
      },
    }),
  }),
};
