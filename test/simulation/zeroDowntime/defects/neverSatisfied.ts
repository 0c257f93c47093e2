import { neverSatisfied as copying } from "../../defects/neverSatisfied";
import { type Defect, replacing } from "../../defects/port";
import type { Row } from "../../../../migration/engine/row";

function misread(row: Row | undefined): Row | undefined {
  return row && { ...row, version: `${row.version}?` };
}

/** Misreads the versions of the destination's rows, and takes each of them for changed by others. */
export const neverSatisfied: Defect = {
  ...copying,
  install: (ports) => ({
    ...ports,
    destination: replacing(ports.destination, {
      readRow: async (table, key) => {
        const row = await ports.destination.readRow(table, key);
        return table.startsWith("landbridge") ? row : misread(row);
      },
    }),
  }),
};
