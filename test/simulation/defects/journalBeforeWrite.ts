import { OperationalError } from "../../../migration/engine/errors";
import { type Defect, replacing } from "./port";

/** Keeps rows back until the journal has what became of them. */
export const journalBeforeWrite: Defect = {
  name: "journal-before-write",
  caughtBy: "true journal",
  withinSeeds: 5,
  install: (ports) => {
    let kept: (() => Promise<unknown>)[] = [];
    return {
      ...ports,
      destination: replacing(ports.destination, {
        write: async (table, operations) => {
          kept.push(() => ports.destination.write(table, operations));
          return { committed: true, versions: operations.map(() => "") };
        },
      }),
      journal: replacing(ports.journal, {
        commit: async (migration, change) => {
          await ports.journal.commit(migration, change);
          if (!change.table) return;
          const rows = kept;
          kept = [];
          for (const write of rows) {
            await write().catch((error: unknown) => {
              if (!(error instanceof OperationalError)) throw error;
            });
          }
        },
      }),
    };
  },
};
