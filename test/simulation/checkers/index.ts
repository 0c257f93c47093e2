import type { Scenario } from "../scenario";
import type { Log } from "../log";
import { type Checker, Model, type Violation } from "../model";
import { converges } from "./converges";
import { noDeadlock } from "./noDeadlock";
import { noLoss } from "./noLoss";
import { noSurprise } from "./noSurprise";
import { trueVerdict } from "./trueVerdict";

export const CHECKERS: readonly Checker[] = [noDeadlock, noSurprise, noLoss, trueVerdict, converges];

/** Every checker's word on one simulation. */
export function judge(scenario: Scenario, log: Log): readonly Violation[] {
  const model = new Model(scenario, log);
  return CHECKERS.flatMap(({ name, check }) => check(model).map((one) => ({ checker: name, ...one })));
}
