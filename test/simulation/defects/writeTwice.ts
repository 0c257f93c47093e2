import { type Defect, replacing } from "./port";

/** Writes what it has just written. */
export const writeTwice: Defect = {
  name: "write-twice",
  caughtBy: "no duplicate",
  withinSeeds: 5,
  install: (ports) => ({
    ...ports,
    destination: replacing(ports.destination, {
      write: async (table, operations) => {
        const outcome = await ports.destination.write(table, operations);
        const put = operations.flatMap(({ key, body }) => (body ? [{ kind: "putReplace" as const, key, body }] : []));
        if (!outcome.committed || put.length < operations.length) return outcome;
        return ports.destination.write(table, put);
      },
    }),
  }),
};
