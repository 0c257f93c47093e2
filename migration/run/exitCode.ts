import type { RunOutcome } from "../engine/outcome";
import type { ExitCode } from "./request";

/** Whether a run got anywhere: wrote something, was under way when it was stopped, or read rows. */
function cameSomewhere(outcome: RunOutcome): boolean {
  if (outcome.began || outcome.stopped) return true;
  return outcome.tables.some(({ source, destination }) => source.count + destination.count > 0);
}

/** A copy whose proof is a step of its own: every row was dealt with, and whether sides are equal nobody asked. */
function isUnproven({ level, stopped, tables }: RunOutcome): boolean {
  return level === "none" && !stopped && tables.every(({ error }) => error === undefined);
}

/**
 * 0 equal, or in sync as its phase asks for, or all copied where the proof is left to another run; 1 differences or
 * refused conflicts; 2 nothing was written or compared; 3 it could not finish.
 * A table that could not be finished counts before a difference in another: the same command must run again anyway.
 */
export function exitCodeOf(outcome: RunOutcome): ExitCode {
  // A table without a fault is called incomplete where nobody compared it, and hides no other's difference.
  if (isUnproven(outcome)) return outcome.tables.some(({ verdict }) => verdict === "different") ? 1 : 0;
  const unfinished = outcome.tables.some(({ verdict }) => verdict === "incomplete");
  if (outcome.verdict === "incomplete" || unfinished) return cameSomewhere(outcome) ? 3 : 2;
  return outcome.verdict === "different" ? 1 : 0;
}
