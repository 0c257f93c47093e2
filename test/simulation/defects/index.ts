import { acknowledgeBeforeCommit } from "./acknowledgeBeforeCommit";
import { journalBeforeWrite } from "./journalBeforeWrite";
import { loseAnAnswer } from "./loseAnAnswer";
import { neverSatisfied } from "./neverSatisfied";
import type { Defect } from "./port";
import { retryAtOnce } from "./retryAtOnce";
import { retryOvertakesNewerWrite } from "./retryOvertakesNewerWrite";
import { streamErrorAsEnd } from "./streamErrorAsEnd";
import { swallowFailedBatch } from "./swallowFailedBatch";
import { tripOverTornPages } from "./tripOverTornPages";
import { watermarkAfterTheRun } from "./watermarkAfterTheRun";
import { writeTwice } from "./writeTwice";

export type { Defect } from "./port";

/** Every mistake that can be switched on, each with the checker that must notice it. */
export const DEFECTS: readonly Defect[] = [
  acknowledgeBeforeCommit, watermarkAfterTheRun, journalBeforeWrite, retryOvertakesNewerWrite, swallowFailedBatch,
  streamErrorAsEnd, writeTwice, neverSatisfied, loseAnAnswer, retryAtOnce, tripOverTornPages,
];
