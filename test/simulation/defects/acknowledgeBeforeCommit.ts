import { OperationalError } from "../../../migration/engine/errors";
import { type Defect, replacing } from "./port";

/** Says that a batch is written as soon as it is sent. */
export const acknowledgeBeforeCommit: Defect = {
  name: "acknowledge-before-commit",
  caughtBy: "true journal",
  withinSeeds: 5,
  install: (ports) => ({
    ...ports,
    destination: replacing(ports.destination, {
      write: async (table, operations) => {
        ports.destination.write(table, operations).catch((error: unknown) => {
          if (!(error instanceof OperationalError)) throw error;
        });
        return { committed: true, versions: operations.map(({ kind }) => (kind === "delete" ? "" : "sent")) };
      },
    }),
  }),
};
