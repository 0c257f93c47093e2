import { type Defect, replacing } from "./port";

/** Which answer gets lost. */
const NTH = 5;

/** Forgets, once, whom to tell of a page. */
export const loseAnAnswer: Defect = {
  name: "lose-an-answer",
  caughtBy: "no deadlock",
  withinSeeds: 5,
  install: (ports) => {
    let pages = 0;
    return {
      ...ports,
      source: replacing(ports.source, {
        readPage: (table, request) => {
          pages += 1;
          return pages === NTH ? new Promise(() => undefined) : ports.source.readPage(table, request);
        },
      }),
    };
  },
};
