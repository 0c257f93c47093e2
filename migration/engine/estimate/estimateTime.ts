import type { MovePlan } from "./estimate";
import { atLeast, exactly, plus, type Span, span, times } from "./span";
import type { TableSample } from "./tableSample";

/** Microsoft, "Scalability targets for Table storage": entities a second, of an account and of a partition. */
const ACCOUNT_ROWS_PER_SECOND = 20_000;
const PARTITION_ROWS_PER_SECOND = 2_000;

/** What a request takes where none was measured: as far as one round trip between regions. */
const REQUEST_MS = 100;

/** What was measured went better than it may go under load. */
const SLOWER = 3;

/** Requests that go one after the other for each segment: its intents, its last batch, its receipts. */
const SEGMENT_STEPS = 3;

export interface Timing {
  readonly plan: MovePlan;
  readonly samples: readonly TableSample[];
  /** Looks at all rows of a side, in copy and verification. */
  readonly looks: number;
  readonly concurrency: number;
  /** One small request to the destination; absent where none was measured. */
  readonly roundTripMs?: number | undefined;
  /** Of the destination, where it sells throughput. */
  readonly requestUnits?: Span | undefined;
  /** Less is written than by the run whose rate is known: that bounds it, and no more. */
  readonly writesLess: boolean;
}

export interface TimeEstimate {
  readonly seconds: Span;
  readonly basis: "rate" | "throughput" | "sample";
}

/**
 * From what the service promises to what a sample took, one after the other: a wide range, since nobody knows before
 * how the service answers under load. A rate of an earlier move says more; a throughput that is sold bounds it.
 */
export function estimateSeconds(timing: Timing): TimeEstimate {
  const { plan, samples, requestUnits, writesLess } = timing;
  const rows = plus(...samples.map(({ spans }) => spans.rows));
  const promised = times(rows, 1 / ACCOUNT_ROWS_PER_SECOND);
  if (plan.rowsPerSecond !== undefined) {
    const byRate = times(rows, 1 / plan.rowsPerSecond);
    return { seconds: writesLess ? span(Math.min(promised.low, byRate.low), byRate.high) : byRate, basis: "rate" };
  }
  const sampled = plus(...samples.map((sample) => tableSeconds(sample, timing)), exactly(1));
  const bySample = span(promised.low, sampled.high);
  if (requestUnits === undefined || plan.copyThroughput === undefined) return { seconds: bySample, basis: "sample" };
  const byUnits = times(requestUnits, 1 / plan.copyThroughput);
  return { seconds: atLeast(bySample, byUnits), basis: "throughput" };
}

function tableSeconds({ spans, pageMs = REQUEST_MS }: TableSample, timing: Timing): Span {
  const { looks, concurrency, roundTripMs = REQUEST_MS } = timing;
  const requests = plus(spans.batches, spans.singles);
  const steps = plus(times(spans.segments, SEGMENT_STEPS), times(requests, 1 / concurrency));
  const inTurn = plus(times(spans.pages, (looks * pageMs) / 1_000), times(steps, roundTripMs / 1_000));
  return atLeast(times(inTurn, SLOWER), times(spans.rowsWritten, 1 / PARTITION_ROWS_PER_SECOND));
}
