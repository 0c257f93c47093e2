import { type Defect, replacing } from "../../defects/port";

/** Believes whoever asks for a phase, instead of the journal: a table that was switched is in sync again. */
export const phaseByConfiguration: Defect = {
  name: "phase-by-configuration",
  caughtBy: "true phase",
  withinSeeds: 60,
  install: (ports) => ({
    ...ports,
    journal: replacing(ports.journal, {
      readTable: async (migration) => {
        const record = await ports.journal.readTable(migration);
        return record?.sync ? { ...record, sync: { ...record.sync, phase: "sync" as const } } : record;
      },
    }),
  }),
};
