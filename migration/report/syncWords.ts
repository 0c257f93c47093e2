import type { Report, ReportSync, ReportTable } from "./schema";
import { formatCount, formatDuration } from "./statusLine";

const LABELS: Readonly<Record<ReportSync["phase"], string>> = {
  sync: "in sync", switched: "switched", drained: "drained", done: "done",
};

/** A live move's phase, in a word or two. */
export function phaseLabel(phase: ReportSync["phase"]): string {
  return LABELS[phase];
}

const HEADLINES: Readonly<Record<ReportSync["phase"], string>> = {
  sync: "In sync",
  switched: "Switched: the destination is the application's",
  drained: "Drained: nobody writes the source any more",
  done: "The move is done",
};

const NEXT: Readonly<Record<ReportSync["phase"], string>> = {
  sync: "Both sides are written, so nothing is said of equality.",
  switched: "What writers that are late leave in the source is applied where it cannot overwrite newer data.",
  drained: "Rows that nobody touched after the switch were read on both sides and are equal.",
  done: "Nothing was read, nothing was written.",
};

function largestLagMs(report: Report): number | undefined {
  const lags = report.tables.flatMap(({ sync }) => (sync?.lagMs === undefined ? [] : [sync.lagMs]));
  return lags.length === 0 ? undefined : Math.max(...lags);
}

/** Every table did what the phase asks for. Never stronger than that. */
export function syncedWords(report: Report): { readonly headline: string; readonly explanation: string } {
  const phase = report.settings.phase ?? "sync";
  const sum = (of: (sync: ReportSync) => number) =>
    report.tables.reduce((total, { sync }) => total + (sync ? of(sync) : 0), 0);
  const lagMs = largestLagMs(report);
  const late = sum(({ lateApplied }) => lateApplied);
  const compared = sum(({ evidence }) => evidence?.compared ?? 0);
  return {
    headline: HEADLINES[phase],
    explanation: [
      NEXT[phase],
      ...(lagMs === undefined ? [] : [`Every change older than ${formatDuration(lagMs)} is applied.`]),
      ...(late > 0 ? [`Late changes applied: ${formatCount(late)}.`] : []),
      ...(compared > 0 ? [`Rows compared: ${formatCount(compared)}.`] : []),
    ].join(" "),
  };
}

/** `switched (from sync), lag at most 3s, 12 backfilled`: what a live move's run came to for one table. */
export function syncText({ sync }: Pick<ReportTable, "sync">): string | undefined {
  if (sync === undefined) return undefined;
  const { phase, movedFrom, watermark, lagMs, evidence } = sync;
  const counted = (count: number, what: string) => (count > 0 ? [`${formatCount(count)} ${what}`] : []);
  return [
    `${phase}${movedFrom === undefined ? "" : ` (from ${movedFrom})`}`,
    ...(watermark === undefined ? [] : [`applied up to ${watermark.slice(0, 19)}Z`]),
    ...(lagMs === undefined ? [] : [`lag at most ${formatDuration(lagMs)}`]),
    ...counted(sync.changed, "changed"),
    ...counted(sync.backfilled, "backfilled"),
    ...counted(sync.lateApplied, "late applied"),
    ...counted(sync.lateConflicts, "late conflicts"),
    ...(evidence === undefined ? [] : [
      `${formatCount(evidence.compared)} verified, ${formatCount(evidence.changedSince)} changed and ` +
        `${formatCount(evidence.goneSince)} deleted since the switch, quiet for ${formatDuration(evidence.quietMs)}`,
    ]),
  ].join(", ");
}
