import { loseAnAnswer } from "../../defects/loseAnAnswer";
import type { Defect } from "../../defects";
import { retryAtOnce } from "../../defects/retryAtOnce";
import { tripOverTornPages } from "../../defects/tripOverTornPages";
import { dropReservedNames } from "./dropReservedNames";
import { ignoreCaseOfKeys } from "./ignoreCaseOfKeys";
import { ignoreCaseOfNames } from "./ignoreCaseOfNames";
import { lookThenReplace } from "./lookThenReplace";
import { neverSatisfied } from "./neverSatisfied";
import { onePageIsEnough } from "./onePageIsEnough";
import { phaseByConfiguration } from "./phaseByConfiguration";
import { replaceAfterTheSwitch } from "./replaceAfterTheSwitch";
import { swallowFailures } from "./swallowFailures";
import { takeSilenceForQuiet } from "./takeSilenceForQuiet";
import { watermarkAfterTheRun } from "./watermarkAfterTheRun";

/** Every mistake that can be switched on, each with the checker that must notice it. */
export const DEFECTS: readonly Defect[] = [
  watermarkAfterTheRun, replaceAfterTheSwitch, lookThenReplace, dropReservedNames, ignoreCaseOfNames, ignoreCaseOfKeys,
  swallowFailures, phaseByConfiguration, takeSilenceForQuiet, onePageIsEnough, neverSatisfied, loseAnAnswer,
  retryAtOnce, tripOverTornPages,
];
