import { type Defect, replacing } from "../../defects/port";

/** Counts only rows that are there: takes a source for quiet in which rows are still deleted. */
export const takeSilenceForQuiet: Defect = {
  name: "take-silence-for-quiet",
  caughtBy: "true phase",
  withinSeeds: 300,
  install: (ports) => ({
    ...ports,
    journal: replacing(ports.journal, {
      readTable: async (migration) => {
        const record = await ports.journal.readTable(migration);
        const { sync } = record ?? {};
        if (!record || sync?.look === undefined) return record;
        return { ...record, sync: { ...sync, look: { ...sync.look, atMs: 0 } } };
      },
    }),
  }),
};
