import type { Page } from "../../../migration/engine/store";
import { type Defect, replacing } from "./port";

/** Reads a table to its end before anybody asks for its second page. */
export const readAhead: Defect = {
  name: "read-ahead",
  caughtBy: "bounds",
  withinSeeds: 1,
  install: (ports) => {
    const ahead = new Map<string, Promise<Page>>();
    const read = async (table: string, request: Parameters<typeof ports.source.readPage>[1]): Promise<Page> => {
      const page = await ports.source.readPage(table, request);
      if (page.next && !request.keysOnly) {
        const name = JSON.stringify(page.next);
        if (!ahead.has(name)) ahead.set(name, read(table, { ...request, continuation: page.next }));
        await ahead.get(name);
      }
      return page;
    };
    const readPage: typeof ports.source.readPage = (table, request) => {
      const known = ahead.get(JSON.stringify(request.continuation));
      return known ?? read(table, request);
    };
    return { ...ports, source: replacing(ports.source, { readPage }) };
  },
};
