import type { Row } from "../row";
import type { Run } from "../run";
import type { TableSettings } from "../settings";
import { sampleBeyond } from "./sampleBeyond";
import { exactly, type Span, span } from "./span";
import { NO_TOTALS, QUANTITIES, type Quantity, type Receiving, sum, type Totals, totalsOf } from "./totals";

/** How many standard errors a range reaches to either side; its upper end further, since sizes lean that way. */
const ERRORS_BELOW = 3;
const ERRORS_ABOVE = 4;

/** And the share of what was not read that it reaches at least: few draws can agree by chance and all be wrong. */
const SHARE_BELOW = 0.3;
const SHARE_ABOVE = 0.4;

export type Spans = Readonly<Record<Quantity, Span>>;

/** What is known of one table before it is copied. */
export interface TableSample {
  readonly table: string;
  /** Every row was read. */
  readonly exact: boolean;
  readonly rowsRead: number;
  readonly spans: Spans;
  /** How long a page took, on the average, in milliseconds; absent where none was read. */
  readonly pageMs?: number;
}

function spansOf(of: (name: Quantity) => Span): Spans {
  return Object.fromEntries(QUANTITIES.map((name) => [name, of(name)])) as unknown as Spans;
}

/** Gathers what a table's rows come to, from its first page on. */
export class TableSampler {
  private read = NO_TOTALS;
  private last: Row | undefined;
  private pages = 0;
  private pagesMs = 0;

  constructor(
    private readonly run: Run,
    private readonly settings: TableSettings,
    private readonly receiving: Receiving,
  ) {}

  /** The next page, in order; `tookMs` to be read. */
  add(rows: readonly Row[], tookMs: number): void {
    this.read = sum(this.read, totalsOf(this.receiving, rows));
    this.last = rows.at(-1) ?? this.last;
    this.pages += 1;
    this.pagesMs += tookMs;
  }

  /**
   * `complete`: no row is left. Otherwise the rest is sampled; without an order of keys there is no way to look at it
   * but to read it, and nobody can say how much it is. Throws OperationalError.
   */
  async finish(complete: boolean): Promise<TableSample> {
    const { run, settings, read, last } = this;
    const { table } = settings;
    const pageMs = this.pages === 0 ? {} : { pageMs: this.pagesMs / this.pages };
    if (complete || read.rows === 0 || !last) {
      return { table, exact: complete, rowsRead: read.rows, spans: known(read, complete), ...pageMs };
    }
    if (!run.context.source.ordered) {
      return { table, exact: false, rowsRead: read.rows, spans: known(read, false), ...pageMs };
    }
    const { partitionKey, rowKey } = last;
    const rowBytes = read.pageBytes / read.rows;
    const beyond = await sampleBeyond(run, settings, this.receiving, { partitionKey, rowKey }, rowBytes);
    const seen = sum(read, beyond.seen);
    const spans = beyond.exact ? known(sum(read, beyond.mean), true) : spansOf((name) => {
      const mean = read[name] + beyond.mean[name];
      const error = Math.sqrt(beyond.variance[name]);
      const unread = Math.max(0, mean - seen[name]);
      const low = mean - Math.max(ERRORS_BELOW * error, SHARE_BELOW * unread);
      return span(Math.max(seen[name], low), mean + Math.max(ERRORS_ABOVE * error, SHARE_ABOVE * unread));
    });
    return { table, exact: beyond.exact, rowsRead: seen.rows, spans, ...pageMs };
  }
}

/**
 * The sample of a table that cannot be looked at in parts, where an earlier pass counted its rows: what was not read is
 * taken to be as large and as many as it was then, a share more or less.
 */
export function scaledTo(sample: TableSample, rows: number): TableSample {
  const { rowsRead, spans } = sample;
  if (spans.rows.high !== undefined || rowsRead === 0 || rows <= rowsRead) return sample;
  const scaled = spansOf((name) => {
    const seen = spans[name].low;
    const unread = seen * (rows / rowsRead - 1);
    return span(seen + (1 - SHARE_BELOW) * unread, seen + (1 + SHARE_ABOVE) * unread);
  });
  return { ...sample, spans: scaled };
}

function known(totals: Totals, complete: boolean): Spans {
  return spansOf((name) => (complete ? exactly(totals[name]) : { low: totals[name] }));
}
