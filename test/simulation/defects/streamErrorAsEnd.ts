import { OperationalError } from "../../../migration/engine/errors";
import { type Defect, replacing } from "./port";

/** Takes a page that could not be read for the end of the table. */
export const streamErrorAsEnd: Defect = {
  name: "stream-error-as-end",
  caughtBy: "no loss",
  withinSeeds: 100,
  install: (ports) => ({
    ...ports,
    source: replacing(ports.source, {
      readPage: async (table, request) => {
        try {
          return await ports.source.readPage(table, request);
        } catch (error) {
          if (!(error instanceof OperationalError) || request.rowsMax === 1) throw error;
          return { rows: [], serverTimeMs: 0 };
        }
      },
    }),
  }),
};
