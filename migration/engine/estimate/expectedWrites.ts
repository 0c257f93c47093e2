import { SEGMENT_ROWS_MAX } from "../segments";
import { NOTHING, type Span, span } from "./span";
import type { Spans, TableSample } from "./tableSample";

/** What a dry run counted of one table, to its end. */
export interface CountedWrites {
  readonly written: number;
  readonly deleted: number;
}

/** Table of the source -> what a dry run counted there; undefined where it did not come to its end. */
export type Counted = ReadonlyMap<string, CountedWrites> | undefined;

/** What a copy is expected to do to a table that is there already. */
export interface ExpectedWrites {
  readonly rows: Span;
  readonly deletes: number;
  /** journal: what is beyond the rows of the last complete pass; that those are unchanged is assumed. */
  readonly basis: "counted" | "journal";
}

/** How much of a source a destination holds already. fresh: nothing. some: nobody knows what. */
export type Holding = "fresh" | "some" | ExpectedWrites;

export function isExpected(holding: Holding): holding is ExpectedWrites {
  return typeof holding === "object";
}

/** The best that is known of a table that is there: what was counted, else what is new since the last pass. */
export function expectedOf(
  { table, spans: { rows } }: TableSample,
  known: number | undefined,
  counted: Counted,
): Holding {
  const seen = counted?.get(table);
  if (seen) return { rows: { low: seen.written, high: seen.written }, deletes: seen.deleted, basis: "counted" };
  if (known === undefined) return "some";
  const beyond = (value: number) => Math.max(0, value - known);
  const high = rows.high === undefined ? undefined : beyond(rows.high);
  return { rows: span(beyond(rows.low), high), deletes: 0, basis: "journal" };
}

/** At most so many of `spans`' rows are there already as they are to be, as a share of 1: what a look back reads. */
export function leastKept({ rows }: Spans, { rows: written }: ExpectedWrites): number {
  if (rows.high === undefined || written.high === undefined || rows.high === 0) return 0;
  return Math.max(0, rows.low - written.high) / rows.high;
}

function perRow(total: Span, rows: Span): number {
  return rows.low > 0 ? total.low / rows.low : 0;
}

/** The same of `high`, where it is known. */
function upTo(high: number | undefined, of: (value: number) => number): Span {
  return span(0, high === undefined ? undefined : of(high));
}

/**
 * The same sample where only so many rows are written. Nobody knows where they are: they may fill batches, or each go
 * alone into a segment of its own.
 */
export function withWrites(sample: TableSample, { rows: written }: Pick<ExpectedWrites, "rows">): TableSample {
  const { spans } = sample;
  const { low, high } = written;
  const all = spans.segments.high;
  const bounded = high !== undefined && all !== undefined;
  const touched = bounded ? Math.min(high, 2 * all + high / SEGMENT_ROWS_MAX) : undefined;
  const units = perRow(spans.writeUnits, spans.rows);
  const changed: Partial<Spans> = {
    rowsWritten: written,
    batches: upTo(high, (value) => value / 2),
    batchesLeast: NOTHING,
    singles: upTo(high, (value) => value),
    singlesLeast: NOTHING,
    segments: span(low / SEGMENT_ROWS_MAX, touched),
    writeUnits: span(units * low, high === undefined ? undefined : units * high),
  };
  return { ...sample, spans: { ...spans, ...changed } };
}
