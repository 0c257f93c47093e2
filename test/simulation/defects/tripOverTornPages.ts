import { OperationalError } from "../../../migration/engine/errors";
import { type Defect, replacing } from "./port";

/** Does not expect a page to be cut short. */
export const tripOverTornPages: Defect = {
  name: "trip-over-torn-pages",
  caughtBy: "no surprise",
  withinSeeds: 50,
  install: (ports) => ({
    ...ports,
    source: replacing(ports.source, {
      readPage: async (table, request) => {
        try {
          return await ports.source.readPage(table, request);
        } catch (error) {
          if (!(error instanceof OperationalError) || error.code !== "MalformedResponse") throw error;
          throw new TypeError("Cannot read properties of undefined (reading 'value')", { cause: error });
        }
      },
    }),
  }),
};
