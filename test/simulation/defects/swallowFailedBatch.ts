import { OperationalError } from "../../../migration/engine/errors";
import { type Defect, replacing } from "./port";

/** Takes a batch that failed for done: the flaw of the tools that log an error and go on. */
export const swallowFailedBatch: Defect = {
  name: "swallow-failed-batch",
  caughtBy: "true journal",
  withinSeeds: 50,
  install: (ports) => ({
    ...ports,
    destination: replacing(ports.destination, {
      write: async (table, operations) => {
        const versions = operations.map(() => "");
        try {
          const outcome = await ports.destination.write(table, operations);
          return outcome.committed ? outcome : { committed: true, versions };
        } catch (error) {
          if (error instanceof OperationalError) return { committed: true, versions };
          throw error;
        }
      },
    }),
  }),
};
