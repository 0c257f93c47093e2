import type { Kind } from "../kind";
import { CHECKERS, judge } from "./checkers";
import { DEFECTS } from "./defects";
import { scenarioOf } from "./generate";
import type { LiveScenario } from "./scenario";
import { scheduleText } from "./schedule";
import { simulate } from "./simulate";

/** Moves of tables that an application writes all the time, from one account to the other. */
export const ZERO_DOWNTIME: Kind<LiveScenario> = {
  name: "zero-downtime", checkers: CHECKERS, defects: DEFECTS, scenarioOf, simulate, judge, scheduleText,
};
