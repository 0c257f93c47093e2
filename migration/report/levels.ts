/** Levels of verification that prove something, from what says least to what says most. */
export const LEVELS = ["count", "sample", "full"] as const;

export type Level = (typeof LEVELS)[number];

/** Whether a level, known or not, says less than is asked for. */
export function isBelow(level: unknown, levelMin: Level): boolean {
  return LEVELS.findIndex((one) => one === level) < LEVELS.indexOf(levelMin);
}
