import type { Scenario } from "../scenario";
import type { Log } from "../log";
import { type Checker, Model, type Violation } from "../model";
import { bounds } from "./bounds";
import { converges } from "./converges";
import { noDeadlock } from "./noDeadlock";
import { noDuplicate } from "./noDuplicate";
import { noLoss } from "./noLoss";
import { noStaleOverwrite } from "./noStaleOverwrite";
import { noSurprise } from "./noSurprise";
import { trueJournal } from "./trueJournal";
import { trueVerdict } from "./trueVerdict";

export const CHECKERS: readonly Checker[] = [
  noLoss, noDuplicate, noStaleOverwrite, trueJournal, bounds, converges, trueVerdict, noDeadlock, noSurprise,
];

/** Every checker's word on one simulation. */
export function judge(scenario: Scenario, log: Log): readonly Violation[] {
  const model = new Model(scenario, log);
  return CHECKERS.flatMap(({ name, check }) => check(model).map((one) => ({ checker: name, ...one })));
}
