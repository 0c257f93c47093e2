import type { Report } from "./schema";
import { formatDuration } from "./statusLine";

const MINUTE_MS = 60_000;

/**
 * Why the last run of a live move is too long ago, or came to too little: the oldest change that may not be applied yet
 * is older than `minutesMax`, by the watermark and the clock of who asks. A watermark that does not move, since runs
 * fail, hang or do not start, makes lag grow. Undefined: it does not lag, or nothing is followed any more.
 */
export function laggingReason({ tables }: Report, minutesMax: number, nowMs: number): string | undefined {
  const followed = tables.filter(({ sync }) => sync === undefined || ["sync", "switched"].includes(sync.phase));
  const reasons = followed.flatMap(({ table, sync }) => {
    if (sync?.watermark === undefined) return [`${table} has no watermark: its last run did not come so far`];
    const lagMs = nowMs - Date.parse(sync.watermark);
    return lagMs <= minutesMax * MINUTE_MS ? [] : [`${table} lags by ${formatDuration(lagMs)}`];
  });
  if (reasons.length === 0) return undefined;
  return `${reasons.join("; ")}. ${minutesMax} minutes are the most that was asked for. See what the last runs said, `
    + "and whether they run at all.";
}
