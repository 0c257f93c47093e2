import { CHECKERS, judge } from "./checkers";
import { DEFECTS } from "./defects";
import { scenarioOf } from "./generate";
import type { Kind } from "./kind";
import { scheduleText } from "./schedule";
import { simulate } from "./simulate";

/** Copies of tables that others write meanwhile. */
export const COPY: Kind = {
  name: "copy", checkers: CHECKERS, defects: DEFECTS, scenarioOf, simulate, judge, scheduleText,
};
