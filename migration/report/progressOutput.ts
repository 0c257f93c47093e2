import type { ProgressSample } from "../engine/progress";
import { statusLine } from "./statusLine";

/** Where progress goes: stderr, as a rule, so that stdout stays clean. */
export interface ProgressStream {
  write(text: string): unknown;
  /** A terminal: the line is redrawn in place. */
  readonly isTTY?: boolean;
  /** Width of the terminal. */
  readonly columns?: number;
}

/** text: for people. json: one object a line, with the fields log collectors know from pino. quiet: nothing. */
export type ProgressStyle = "text" | "json" | "quiet";

export interface ProgressOutput {
  /** Takes every sample; shows as many as the reader can use. */
  show(sample: ProgressSample): void;
  /** Prints a line of its own without tearing the status line. */
  message(text: string): void;
  /** The last sample is shown, and the cursor is on a line of its own. */
  end(): void;
}

/** A log gets a line this often. */
export const LOG_INTERVAL_MS = 5_000;
const REDRAW_INTERVAL_MS = 100;
const COLUMNS_DEFAULT = 80;
const CLEAR_LINE = "\r\u001b[2K";
const PINO_LEVEL_INFO = 30;

const silent: ProgressOutput = { show: () => undefined, message: () => undefined, end: () => undefined };

function fit(line: string, columns: number): string {
  return line.length < columns ? line : `${line.slice(0, Math.max(0, columns - 4))}...`;
}

export function jsonLine(timeMs: number, message: string, fields: Readonly<Record<string, unknown>> = {}): string {
  return `${JSON.stringify({ level: PINO_LEVEL_INFO, time: timeMs, name: "landbridge", ...fields, msg: message })}\n`;
}

function redrawn(stream: ProgressStream): ProgressOutput {
  let last: ProgressSample | undefined;
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  const draw = (sample: ProgressSample) => {
    stream.write(`${CLEAR_LINE}${fit(statusLine(sample), stream.columns ?? COLUMNS_DEFAULT)}`);
    drawnAtMs = sample.atMs;
  };
  return {
    show(sample) {
      const due = sample.atMs - drawnAtMs >= REDRAW_INTERVAL_MS || sample.phase !== last?.phase;
      last = sample;
      if (due) draw(sample);
    },
    message(text) {
      stream.write(last === undefined ? `${text}\n` : `${CLEAR_LINE}${text}\n`);
      if (last !== undefined) draw(last);
    },
    end() {
      if (last === undefined) return;
      draw(last);
      stream.write("\n");
      last = undefined;
    },
  };
}

/** Every few seconds, once more when a phase ends, and the last one. */
function logged(print: (sample: ProgressSample) => void, message: (text: string) => void): ProgressOutput {
  let last: ProgressSample | undefined;
  let printed: ProgressSample | undefined;
  let startedAtMs: number | undefined;
  const flush = () => {
    if (last !== undefined && last !== printed) print(last);
    printed = last;
  };
  return {
    show(sample) {
      if (last !== undefined && last.phase !== sample.phase) flush();
      last = sample;
      startedAtMs ??= sample.atMs;
      if (sample.atMs - (printed?.atMs ?? startedAtMs) >= LOG_INTERVAL_MS) flush();
    },
    message,
    end: flush,
  };
}

/** `now` gives milliseconds since 1970 for messages. */
export function progressOutput(stream: ProgressStream, style: ProgressStyle, now: () => number): ProgressOutput {
  if (style === "quiet") return silent;
  if (style === "json") {
    return logged(
      (sample) => stream.write(jsonLine(sample.atMs, statusLine(sample), { progress: sample })),
      (text) => stream.write(jsonLine(now(), text)),
    );
  }
  if (stream.isTTY === true) return redrawn(stream);
  return logged(
    (sample) => stream.write(`${statusLine(sample)}\n`),
    (text) => stream.write(`${text}\n`),
  );
}
