import { JOURNAL_TABLE } from "../../../../migration/engine/journal";
import { OperationalError } from "../../../../migration/engine/errors";
import { type Defect, replacing } from "../../defects/port";

/** Logs that a write failed, and goes on as if it had not: the flaw of the tools that report success all the same. */
export const swallowFailures: Defect = {
  name: "swallow-failures",
  caughtBy: "true watermark",
  withinSeeds: 60,
  install: (ports) => ({
    ...ports,
    destination: replacing(ports.destination, {
      write: async (table, operations) => {
        if (table === JOURNAL_TABLE) return ports.destination.write(table, operations);
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
