import type { ProgressSample } from "../engine/progress";
import { printable } from "./printable";

/** No estimate before this share of the rows is done: it would be a guess. */
const ETA_SHARE_MIN = 0.01;

const PHASE_WORDS = { preflight: "Checking", copy: "Copying", verify: "Verifying" } as const;

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** 24293 -> `24,293`. */
export function formatCount(count: number): string {
  return grouped.format(count);
}

/** `45s`, `12m03s`, `3h07m`, `2d05h`: two units at most. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const pair = (large: number, small: number, units: string) =>
    `${large}${units.charAt(0)}${String(small).padStart(2, "0")}${units.charAt(1)}`;
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return pair(Math.floor(seconds / 60), seconds % 60, "ms");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 24 * 60) return pair(Math.floor(minutes / 60), minutes % 60, "hm");
  return pair(Math.floor(minutes / (24 * 60)), Math.floor(minutes / 60) % 24, "dh");
}

/** Share of the expected rows that is done, 0 to 1; undefined where nobody knows how many there are. */
export function shareDone(sample: ProgressSample): number | undefined {
  if (sample.rowsExpected === undefined || sample.rowsExpected <= 0) return undefined;
  return Math.min(1, sample.rows / sample.rowsExpected);
}

/** Milliseconds to go at the present rate; undefined before 1 %, without a rate, and when the estimate is used up. */
export function etaMs(sample: ProgressSample): number | undefined {
  const share = shareDone(sample);
  if (share === undefined || sample.rowsExpected === undefined) return undefined;
  if (share < ETA_SHARE_MIN || share >= 1 || sample.rowsPerSecond <= 0) return undefined;
  return ((sample.rowsExpected - sample.rows) / sample.rowsPerSecond) * 1_000;
}

function rowsText(sample: ProgressSample): string {
  const share = shareDone(sample);
  if (share === undefined || sample.rowsExpected === undefined) return `${formatCount(sample.rows)} rows`;
  // Rounded down: 100 % is said of everything, and of nothing less.
  const percent = Math.floor(share * 100);
  return `${formatCount(sample.rows)} of about ${formatCount(sample.rowsExpected)} rows (${percent}%)`;
}

function changesText(sample: ProgressSample): string {
  const parts = sample.phase === "copy"
    ? [
        `${formatCount(sample.written)} written`,
        `${formatCount(sample.unchanged)} unchanged`,
        ...(sample.deleted > 0 ? [`${formatCount(sample.deleted)} deleted`] : []),
      ]
    : [];
  const { phase, differences } = sample;
  const noun = differences === 1 ? "difference" : "differences";
  if (phase === "verify" || differences > 0) parts.push(`${formatCount(differences)} ${noun}`);
  return parts.join(", ");
}

/**
 * The one status line, documented in docs/understanding-output.md:
 * `Copying 2 of 5 tables | 12,000 of about 24,293 rows (49%) | 11,000 written, 1,000 unchanged | 5,120 rows/s |
 * 8 in flight | 3s elapsed | about 2s left`, and ` | slowed: <reason>` whenever it is.
 */
export function statusLine(sample: ProgressSample): string {
  const eta = sample.phase === "preflight" ? undefined : etaMs(sample);
  const at = Math.min(sample.tablesTotal, sample.tablesDone + sample.tablesActive.length);
  // A preflight counts no rows: what it has to say comes at its end.
  const rows = sample.phase === "preflight"
    ? []
    : [rowsText(sample), changesText(sample), `${formatCount(sample.rowsPerSecond)} rows/s`];
  const parts = [
    `${PHASE_WORDS[sample.phase]} ${at} of ${sample.tablesTotal} ${sample.tablesTotal === 1 ? "table" : "tables"}`,
    ...rows,
    `${sample.inFlight} in flight`,
    `${formatDuration(sample.elapsedMs)} elapsed`,
    eta === undefined ? "" : `about ${formatDuration(eta)} left`,
    sample.throttledReason === undefined ? "" : `slowed: ${printable(sample.throttledReason)}`,
  ];
  return parts.filter((part) => part !== "").join(" | ");
}
