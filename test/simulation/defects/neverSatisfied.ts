import type { Row } from "../../../migration/engine/row";
import { type Defect, replacing } from "./port";

/** The row with a property that it does not have. */
function misread(row: Row): Row {
  const text = Buffer.from(row.body).toString("utf8");
  const body = text === "" ? row.body : Buffer.from(text.replace(/\}$/, ',"misread":true}'));
  return { ...row, body, digest: row.digest + 1n };
}

/** Misreads the destination's rows, and so never sees that they are as they should be. */
export const neverSatisfied: Defect = {
  name: "never-satisfied",
  caughtBy: "converges",
  withinSeeds: 10,
  install: (ports) => ({
    ...ports,
    destination: replacing(ports.destination, {
      readPage: async (table, request) => {
        const page = await ports.destination.readPage(table, request);
        return { ...page, rows: page.rows.map(misread) };
      },
    }),
  }),
};
