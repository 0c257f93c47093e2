import { OperationalError } from "../../../migration/engine/errors";
import { type Defect, replacing } from "./port";

/** Retries on its own, below everybody who counts, and never stops. */
export const retryAtOnce: Defect = {
  name: "retry-at-once",
  caughtBy: "bounds",
  withinSeeds: 50,
  install: (ports) => ({
    ...ports,
    source: replacing(ports.source, {
      readPage: async (table, request) => {
        for (;;) {
          try {
            // Twice, in case that one is quicker.
            const both = [ports.source.readPage(table, request), ports.source.readPage(table, request)];
            return await Promise.any(both);
          } catch (error) {
            if (!(error instanceof AggregateError) || !(error.errors[0] instanceof OperationalError)) throw error;
          }
        }
      },
    }),
  }),
};
