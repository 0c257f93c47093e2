import { firstAfterIn } from "../divideRange";
import { withRetry } from "../retry";
import type { Row, RowKey } from "../row";
import type { Run } from "../run";
import type { TableSettings } from "../settings";
import { throwIfStopped } from "../stop";
import type { Continuation, KeyRange } from "../store";
import { togetherEach } from "../together";
import { branchKeys } from "./branchKeys";
import { NO_TOTALS, QUANTITIES, sum, type Receiving, type Totals, totalsOf } from "./totals";

/** Stretches that the unseen part of a table is cut into, at most; and those that one of them is cut into. */
const STRETCHES_MAX = 24;
const PARTS_MAX = 8;

/** Parts drawn in all, spread over the first stretches, of which each has one at least. */
const DRAWN = 24;

/** Of one part alone nobody knows how far others differ: taken to be its size. */
const SPREAD_OF_ONE = 1;

/** Levels of such parts; a table with more of them has 8 to the fifteenth pages. */
const DEPTH_MAX = 15;

/** Pages without a row (a filter leaves them) that are followed. */
const EMPTY_PAGES_MAX = 50;

/** Pages of larger rows are asked for with fewer of them, by the hundred, as batches are: a sample is no copy. */
const PAGE_BYTES_MAX = 512 * 1024;
const PAGE_ROWS_MAX = 1_000;
const PAGE_ROWS_MIN = 100;

/** Work on stretches at once; requests in all are bounded by the account's gate. */
const STRETCHES_AT_ONCE = 8;

/** What lies behind a key, as a sample tells it. */
export interface Beyond {
  /** Expected, unbiased however keys are distributed. */
  readonly mean: Totals;
  /** Of `mean`: what chance adds to it, squared. */
  readonly variance: Totals;
  /** Rows that were read are a fact. */
  readonly seen: Totals;
  /** Nothing was left to chance: every row was read. */
  readonly exact: boolean;
}

/** What ranges come to. */
type Found = Omit<Beyond, "seen">;

type Behind = KeyRange & { readonly after: RowKey };

/** The first page of a range; `rest`: what comes after it. */
interface Looked {
  readonly totals: Totals;
  readonly rest?: Behind;
}

/** One table's unseen part. */
class Sampling {
  seen: Totals = NO_TOTALS;

  constructor(
    private readonly run: Run,
    private readonly settings: TableSettings,
    private readonly receiving: Receiving,
    private readonly rowsMax: number,
  ) {}

  /** How much is in a part of the table. `drawn`: of its stretches that go on, how many are looked into further. */
  async within(range: Behind, drawn: number, depth: number): Promise<Found> {
    const ranges = await this.divide(range, PARTS_MAX);
    const looked = await togetherEach(ranges, STRETCHES_AT_ONCE, (one) => this.look(one));
    const open = looked.flatMap(({ rest }) => (rest ? [rest] : []));
    const first = { mean: looked.reduce((all, { totals }) => sum(all, totals), NO_TOTALS), variance: NO_TOTALS };
    if (open.length === 0 || depth >= DEPTH_MAX) return { ...first, exact: open.length === 0 };
    const below: Found[] = [];
    // Where few stretches go on all of them are followed, and have the draws to share: one may hold most of the rows.
    const share = Math.max(1, Math.floor(drawn / open.length));
    for (const one of draw(open, drawn, this.run.context.random)) below.push(await this.within(one, share, depth + 1));
    const more = stratum(below, open.length);
    return { ...more, mean: sum(first.mean, more.mean) };
  }

  /** All stretches of the unseen part, each with ways down of its own. */
  async all(after: RowKey): Promise<Found> {
    const ranges = await this.divide({ after }, STRETCHES_MAX);
    const looked = await togetherEach(ranges, STRETCHES_AT_ONCE, (one) => this.look(one));
    const open = looked.flatMap(({ rest }) => (rest ? [rest] : []));
    const drawn = Math.ceil(DRAWN / Math.max(1, open.length));
    const parts = await togetherEach(open, STRETCHES_AT_ONCE, (rest) => this.within(rest, drawn, 1));
    return parts.reduce<Found>(
      (all, { mean, variance, exact }) =>
        ({ mean: sum(all.mean, mean), variance: sum(all.variance, variance), exact: all.exact && exact }),
      { mean: looked.reduce((all, { totals }) => sum(all, totals), NO_TOTALS), variance: NO_TOTALS, exact: true },
    );
  }

  private async look(range: KeyRange): Promise<Looked> {
    const { rows, ended } = await this.page(range);
    const totals = totalsOf(this.receiving, rows);
    this.seen = sum(this.seen, totals);
    const last = rows.at(-1);
    if (ended || !last) return { totals };
    const { partitionKey, rowKey } = last;
    return { totals, rest: { ...range, after: { partitionKey, rowKey } } };
  }

  private async divide(range: Behind, most: number): Promise<readonly KeyRange[]> {
    const { run, settings } = this;
    throwIfStopped(run.signal);
    const ask = firstAfterIn(run.reading, run.context.source, settings.table);
    const keys = await branchKeys(ask, range.after, range.upTo, most - 1);
    const ends = [...keys, range.upTo];
    return ends.map((upTo, at) => ({ after: keys[at - 1] ?? range.after, ...(upTo && { upTo }) }));
  }

  private async page(range: KeyRange): Promise<{ readonly rows: readonly Row[]; readonly ended: boolean }> {
    const { run, settings } = this;
    const filter = settings.filter === undefined ? {} : { filter: settings.filter };
    const request = { range, rowsMax: this.rowsMax, ...filter };
    let continuation: Continuation | undefined;
    for (let empty = 0; ; empty += 1) {
      throwIfStopped(run.signal);
      const asked = { ...request, ...(continuation && { continuation }) };
      const page = await withRetry(run.reading, () => run.context.source.readPage(settings.table, asked));
      continuation = page.next;
      if (page.rows.length > 0 || !continuation || empty >= EMPTY_PAGES_MAX) {
        return { rows: page.rows, ended: continuation === undefined };
      }
    }
  }
}

/**
 * How much lies behind `after`, in a table whose service counts nothing: the key space is cut where keys branch, the
 * first page of every stretch is read, and of those that go on some are drawn and cut again. One that was drawn from n
 * stands for n (Knuth, "Estimating the efficiency of backtrack programs", 1975), so that nothing need be known of how
 * keys are distributed. How far those that were drawn differ tells what chance may have added.
 * Only for sources in key order. `rowBytes`: how large a row is, about. Throws OperationalError.
 */
export async function sampleBeyond(
  run: Run,
  settings: TableSettings,
  receiving: Receiving,
  after: RowKey,
  rowBytes: number,
): Promise<Beyond> {
  const hundreds = Math.floor(PAGE_BYTES_MAX / Math.max(1, rowBytes) / PAGE_ROWS_MIN) * PAGE_ROWS_MIN;
  const rowsMax = Math.max(PAGE_ROWS_MIN, Math.min(PAGE_ROWS_MAX, hundreds));
  const sampling = new Sampling(run, settings, receiving, rowsMax);
  const found = await sampling.all(after);
  return { ...found, seen: sampling.seen };
}

/** `count` of them at random, each at most once. */
function draw<T>(from: readonly T[], count: number, random: () => number): readonly T[] {
  const left = [...from];
  return Array.from({ length: Math.min(count, left.length) }, () =>
    left.splice(Math.floor(random() * left.length), 1)[0] as T);
}

/** `found` stand for `count` parts. */
function stratum(found: readonly Found[], count: number): Found {
  const weight = count / found.length;
  const mean = found.reduce((all, one) => sum(all, one.mean, weight), NO_TOTALS);
  const exact = found.every((one) => one.exact);
  if (found.length === count) {
    return { mean, variance: found.reduce((all, one) => sum(all, one.variance), NO_TOTALS), exact };
  }
  // Where the parts themselves are known, only those that were not drawn are uncertain.
  const unknown = exact ? 1 - found.length / count : 1;
  const variance = Object.fromEntries(QUANTITIES.map((name) => {
    const average = mean[name] / count;
    const squared = found.length === 1 ? (SPREAD_OF_ONE * average) ** 2
      : found.reduce((all, one) => all + (one.mean[name] - average) ** 2, 0) / (found.length - 1);
    return [name, (unknown * count ** 2 * squared) / found.length];
  }));
  return { mean, variance: variance as unknown as Totals, exact: false };
}
