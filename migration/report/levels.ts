import { VERIFY_LEVELS, type VerifyLevel } from "../engine/settings";

/** Whether a level of verification, known or not, says less than is asked for. */
export function isBelow(level: unknown, levelMin: VerifyLevel): boolean {
  const at = VERIFY_LEVELS.findIndex((one) => one === level);
  return at < 0 || at > VERIFY_LEVELS.indexOf(levelMin);
}
