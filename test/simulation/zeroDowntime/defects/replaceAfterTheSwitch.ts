import type { RowKey } from "../../../../migration/engine/row";
import type { Page } from "../../../../migration/engine/store";
import { type Defect, replacing } from "../../defects/port";

/** Follows late changes as it followed all others: what the source changed replaces what the destination has. */
export const replaceAfterTheSwitch: Defect = {
  name: "replace-after-the-switch",
  caughtBy: "no stale overwrite",
  withinSeeds: 40,
  install: (ports) => {
    const switched = new Map<string, string>();
    const replace = async (destinationTable: string, { rows }: Page) => {
      for (const { partitionKey, rowKey, body } of rows) {
        const key: RowKey = { partitionKey, rowKey };
        await ports.destination.write(destinationTable, [{ kind: "putReplace", key, body }]);
      }
    };
    return {
      ...ports,
      journal: replacing(ports.journal, {
        readTable: async (migration) => {
          const record = await ports.journal.readTable(migration);
          if (record?.sync?.phase === "switched") switched.set(migration.table, migration.destinationTable);
          return record;
        },
      }),
      source: replacing(ports.source, {
        readPage: async (table, request) => {
          const page = await ports.source.readPage(table, request);
          const there = switched.get(table);
          if (there !== undefined && request.changedSince !== undefined) await replace(there, page);
          return page;
        },
      }),
    };
  },
};
