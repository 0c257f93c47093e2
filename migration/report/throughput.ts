import { assert } from "../engine/errors";
import type { ProgressSample } from "../engine/progress";
import type { ThroughputPoint } from "./schema";

/** Points kept for the chart: more than a screen can show, and a report stays small however long the run is. */
export const POINTS_MAX = 240;

interface Gathering {
  readonly phase: ProgressSample["phase"];
  readonly startMs: number;
  readonly firstAtMs: number;
  rateSum: number;
  samples: number;
  throttled: boolean;
}

/**
 * The run's throughput from begin to end in bounded memory: samples are averaged over an interval, and whenever the
 * points run out, neighbours are merged and the interval doubles. Times are milliseconds since the first sample.
 */
export class ThroughputSeries {
  private merged: ThroughputPoint[] = [];
  private gathering: Gathering | undefined;
  private startMs: number | undefined;
  private intervalMs: number;

  constructor(intervalMs = 1_000) {
    assert(intervalMs > 0, `an interval of ${intervalMs} ms gathers nothing`);
    this.intervalMs = intervalMs;
  }

  add(sample: ProgressSample): void {
    this.startMs ??= sample.atMs;
    const atMs = Math.max(0, sample.atMs - this.startMs);
    const now = this.gathering;
    if (now !== undefined && (now.phase !== sample.phase || atMs - now.firstAtMs >= this.intervalMs)) this.settle();
    this.gathering ??= {
      phase: sample.phase,
      startMs: this.startMs,
      firstAtMs: atMs,
      rateSum: 0,
      samples: 0,
      throttled: false,
    };
    this.gathering.rateSum += sample.rowsPerSecond;
    this.gathering.samples += 1;
    this.gathering.throttled ||= sample.throttledReason !== undefined;
  }

  points(): readonly ThroughputPoint[] {
    return this.gathering === undefined ? [...this.merged] : [...this.merged, pointOf(this.gathering)];
  }

  private settle(): void {
    if (this.gathering === undefined) return;
    this.merged.push(pointOf(this.gathering));
    this.gathering = undefined;
    // One place stays free for the point still being gathered.
    if (this.merged.length < POINTS_MAX - 1) return;
    this.merged = halve(this.merged);
    this.intervalMs *= 2;
  }
}

function pointOf(gathering: Gathering): ThroughputPoint {
  return {
    phase: gathering.phase,
    atMs: Math.round(gathering.firstAtMs),
    rowsPerSecond: Math.round(gathering.rateSum / gathering.samples),
    throttled: gathering.throttled,
  };
}

/** Merges neighbours of one phase; the first point of a phase keeps its place. */
function halve(points: readonly ThroughputPoint[]): ThroughputPoint[] {
  const halved: ThroughputPoint[] = [];
  for (let index = 0; index < points.length; ) {
    const first = points[index];
    const second = points[index + 1];
    assert(first !== undefined, "the index stays inside the points");
    if (second !== undefined && second.phase === first.phase) {
      halved.push({
        ...first,
        rowsPerSecond: Math.round((first.rowsPerSecond + second.rowsPerSecond) / 2),
        throttled: first.throttled || second.throttled,
      });
      index += 2;
    } else {
      halved.push(first);
      index += 1;
    }
  }
  return halved;
}
