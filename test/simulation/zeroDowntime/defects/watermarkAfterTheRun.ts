import { OVERLAP_MS } from "../../../../migration/engine/sync/inSync";
import { type Defect, replacing } from "../../defects/port";

/** Takes the time when it is done for the time since when it must look next, and looks for nothing older. */
export const watermarkAfterTheRun: Defect = {
  name: "watermark-after-the-run",
  caughtBy: "true watermark",
  withinSeeds: 60,
  install: (ports) => {
    /** What the engine means by it -> what is written. */
    const written = new Map<number, number>();
    return {
      ...ports,
      journal: replacing(ports.journal, {
        readTable: async (migration) => {
          const record = await ports.journal.readTable(migration);
          const mark = record?.sync?.watermarkMs;
          if (mark !== undefined) written.set(mark, mark);
          return record;
        },
        commit: async (migration, change) => {
          const { table } = change;
          const mark = table?.sync?.watermarkMs;
          if (!table?.sync || mark === undefined) return ports.journal.commit(migration, change);
          const page = { rowsMax: 1, keysOnly: true };
          const watermarkMs = written.get(mark) ?? (await ports.source.readPage(migration.table, page)).serverTimeMs;
          written.set(mark, watermarkMs);
          const late = { ...change, table: { ...table, sync: { ...table.sync, watermarkMs } } };
          return ports.journal.commit(migration, late);
        },
      }),
      source: replacing(ports.source, {
        readPage: (table, { changedSince, ...request }) => {
          if (changedSince === undefined) return ports.source.readPage(table, request);
          const sinceMs = Date.parse(changedSince) + OVERLAP_MS;
          return ports.source.readPage(table, { ...request, changedSince: new Date(sinceMs).toISOString() });
        },
      }),
    };
  },
};
