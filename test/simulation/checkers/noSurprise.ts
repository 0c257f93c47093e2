import { OperationalError } from "../../../migration/engine/errors";
import type { Checker } from "../model";

/** What the world does to a run ends in an outcome or in an operational error, never in an assertion. */
export const noSurprise: Checker = {
  name: "no surprise",
  check: ({ log }) =>
    log.of("ended").flatMap(({ seq, by, error, outcome }) => {
      const errors = [error, ...(outcome?.tables ?? []).map((table) => table.error)];
      return errors
        .filter((one) => one !== undefined && !(one instanceof OperationalError))
        .map((one) => ({ seq, message: `${by} ended with ${one instanceof Error ? one.stack : String(one)}` }));
    }),
};
