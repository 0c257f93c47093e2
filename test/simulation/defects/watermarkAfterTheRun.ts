import { type Defect, replacing } from "./port";
import type { Store } from "../../../migration/engine/store";

/** Later than any comparison lasts. */
const LATER_MS = 3_600_000;

function late(store: Store): Store {
  return replacing(store, {
    readPage: async (table, request) => {
      const page = await store.readPage(table, request);
      const asksTheTime = request.rowsMax === 1 && request.keysOnly === true;
      return asksTheTime ? { ...page, serverTimeMs: page.serverTimeMs + LATER_MS } : page;
    },
  });
}

/** Takes the moment since when changes count after the comparison, instead of before it. */
export const watermarkAfterTheRun: Defect = {
  name: "watermark-after-the-run",
  caughtBy: "true verdict",
  withinSeeds: 100,
  install: (ports) => ({ ...ports, source: late(ports.source), destination: late(ports.destination) }),
};
