import { type Defect, replacing } from "../../defects/port";

/** Takes the first page of what changed for all of it. */
export const onePageIsEnough: Defect = {
  name: "one-page-is-enough",
  caughtBy: "true verdict",
  withinSeeds: 60,
  install: (ports) => ({
    ...ports,
    source: replacing(ports.source, {
      readPage: async (table, request) => {
        const { next, ...page } = await ports.source.readPage(table, request);
        return request.changedSince === undefined && next ? { ...page, next } : page;
      },
    }),
  }),
};
