import { bounds } from "../../checkers/bounds";
import { noDeadlock } from "../../checkers/noDeadlock";
import { noSurprise } from "../../checkers/noSurprise";
import type { Log } from "../../log";
import type { Checker, Violation } from "../../model";
import { LiveModel } from "../model";
import type { LiveScenario } from "../scenario";
import { converges } from "./converges";
import { faithful } from "./faithful";
import { noLoss } from "./noLoss";
import { noStaleOverwrite } from "./noStaleOverwrite";
import { truePhase } from "./truePhase";
import { trueVerdict } from "./trueVerdict";
import { trueWatermark } from "./trueWatermark";

export const CHECKERS: readonly Checker<LiveModel>[] = [
  noLoss, noStaleOverwrite, faithful, trueWatermark, truePhase, trueVerdict, converges, bounds, noDeadlock, noSurprise,
];

/** Every checker's word on one simulation. */
export function judge(scenario: LiveScenario, log: Log): readonly Violation[] {
  const model = new LiveModel(scenario, log);
  return CHECKERS.flatMap(({ name, check }) => check(model).map((one) => ({ checker: name, ...one })));
}
