import type { Checker } from "../model";

const WHY = {
  deadlock: "nobody is left to wake",
  tooManySteps: "it goes on without end",
  tooLate: "it does not come to an end in time",
};

/** A run that is under way can always go on, and comes to an end. */
export const noDeadlock: Checker = {
  name: "no deadlock",
  check: ({ log }) =>
    log.of("hung").map(({ seq, during, why }) => ({ seq, message: `${during} hangs: ${WHY[why]}` })),
};
