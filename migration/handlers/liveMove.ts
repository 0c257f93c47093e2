import { z } from "zod";
import { OperationalError } from "../engine/errors";
import { PHASES } from "../engine/sync/syncRecord";
import type { Report } from "../report/schema";
import type { SyncRequest } from "../run/request";
import type { CopyPlan } from "./copyPlan";
import type { Properties } from "./handler";

const shown = (value: unknown) => JSON.stringify(value) ?? "nothing";

const phaseField = z.enum(PHASES, {
  error: ({ input }) => `${shown(input)} is not a phase: write sync, switched, drained or done.`,
});

/** Inputs of a copy that is a live move; without `phase` it is none. Four weeks are the longest anybody waits. */
export const liveMoveFields = {
  phase: phaseField.optional(),
  lateConflicts: z.enum(["report", "source-wins", "destination-wins"]).optional(),
  quietMinutes: z.number().min(0).max(44_640).optional(),
  reconcileEveryHours: z.number().int().min(1).max(8_760).optional(),
  afterFence: z.string().optional(),
};

type LiveMove = z.infer<z.ZodObject<typeof liveMoveFields>>;

/** What the engine is asked for; undefined where it is a plain copy. */
export function syncRequestOf(inputs: LiveMove): SyncRequest | undefined {
  const { phase, lateConflicts, quietMinutes, reconcileEveryHours } = inputs;
  if (phase === undefined) return undefined;
  return {
    phase,
    ...(lateConflicts === undefined ? {} : { lateConflicts }),
    ...(quietMinutes === undefined ? {} : { quietMinutes }),
    ...(reconcileEveryHours === undefined ? {} : { reconcileEveryHours }),
  };
}

const LATE_PLAN: Readonly<Record<Exclude<LiveMove["phase"], "sync" | undefined>, string>> = {
  switched: "late changes of the source, where they cannot overwrite newer data",
  drained: "late changes, a look whether the source is quiet, and the last verification",
  done: "nothing: the move is over",
};

/**
 * What a preview can say of a live move beside the phase: once the destination is the application's, a dry copy would
 * count its rows as differences. Undefined where a count says something.
 */
export function livePlan(phase: unknown): CopyPlan | undefined {
  const known = phaseField.safeParse(phase);
  if (!known.success || known.data === "sync") return undefined;
  return { tables: [], complete: false, text: LATE_PLAN[known.data] };
}

/** Whether a phase that was reached has more to do with every run; undefined where there is no live move. */
export function followsOn(phase: unknown): boolean | undefined {
  const known = phaseField.safeParse(phase);
  if (!known.success) return undefined;
  return known.data === "sync" || known.data === "switched";
}

type Move = NonNullable<Report["tables"][number]["sync"]>;

/** A drained table may be compared again and differ by then; one that is done is not read at all. */
function isProven({ phase, evidence }: Move): boolean {
  return phase === "drained" && evidence?.different === 0;
}

/** What a live move's run came to, over all tables: the phase of the one that is least far, the largest lag. */
export function liveOutputs({ tables, finishedAt }: Report): Properties {
  const moves = tables.flatMap(({ sync }) => (sync === undefined ? [] : [sync]));
  if (moves.length === 0) return {};
  const reached = PHASES[Math.min(...moves.map(({ phase }) => PHASES.indexOf(phase)))];
  const whole = moves.length === tables.length;
  const lags = moves.flatMap(({ lagMs }) => (lagMs === undefined ? [] : [lagMs]));
  const sum = (of: (move: Move) => number) => moves.reduce((total, move) => total + of(move), 0);
  return {
    // A table that failed may be anywhere: then nothing is said.
    ...(whole ? { reachedPhase: reached } : {}),
    ...(whole && moves.every(isProven) ? { verifiedAt: finishedAt } : {}),
    ...(lags.length === 0 ? {} : { lagSeconds: Math.ceil(Math.max(...lags) / 1_000) }),
    lateApplied: sum(({ lateApplied }) => lateApplied),
    lateConflictRows: sum(({ lateConflicts }) => lateConflicts),
  };
}

/**
 * Phase "done" closes the access, so it is refused before anything is closed, by the last run's word (`olds` are its
 * outputs): all tables drained, and proven. The journal has its own say when it is told. Throws `PhaseMove`.
 */
export function refuseEarlyDone(olds: Properties, news: Properties): void {
  const { reachedPhase: reached, complete } = olds;
  if (news["phase"] !== "done" || reached === "done" || (reached === "drained" && complete === true)) return;
  const left = reached === "drained" ? "found differences in drained tables" : `left the tables in ${shown(reached)}`;
  throw new OperationalError({
    code: "PhaseMove",
    message:
      `Phase "done" was asked for, and the last run ${left}. Apply "drained" first, until its \`up\` succeeds: ` +
      "it shows that nobody writes the source any more, and verifies. Until then access is still needed.",
  });
}

export const LATE_REMEDY =
  "These are late changes of the source: decide them by hand, or set lateConflicts to \"destination-wins\" (they are " +
  "given up) or \"source-wins\" (they are written over the destination's rows).";
