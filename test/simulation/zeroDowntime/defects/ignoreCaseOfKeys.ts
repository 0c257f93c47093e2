import { type Defect, replacing } from "../../defects/port";
import { textOf } from "../../textOf";

/** Takes rows for the same whose keys differ by the case of letters only: the first that it meets counts. */
export const ignoreCaseOfKeys: Defect = {
  name: "ignore-case-of-keys",
  caughtBy: "no loss",
  withinSeeds: 60,
  install: (ports) => {
    const spelt = new Map<string, string>();
    return {
      ...ports,
      source: replacing(ports.source, {
        readPage: async (table, request) => {
          const page = await ports.source.readPage(table, request);
          const rows = page.rows.filter((row) => {
            const name = `${table} ${textOf(row).toLowerCase()}`;
            const first = spelt.get(name) ?? textOf(row);
            spelt.set(name, first);
            return first === textOf(row);
          });
          return { ...page, rows };
        },
      }),
    };
  },
};
