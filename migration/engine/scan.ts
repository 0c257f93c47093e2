import type { ByteBudget } from "./byteBudget";
import { pageLoad } from "./lanes";
import { REQUEST_RETRY, type Retrying, withRetry } from "./retry";
import type { Row } from "./row";
import { bytesOfRows } from "./rowBytes";
import type { Page, PageRequest, Store } from "./store";

/** Rows of a page as services make them. */
const PAGE_ROWS = 1_000;

/** Pages of larger rows are asked for with fewer of them: each scan holds one. */
const PAGE_BYTES_MAX = 2 * 1024 * 1024;

/** How a side of a run is read: through its gate, and with room for what is fetched ahead. */
export interface Scanning extends Retrying {
  readonly ahead: ByteBudget;
}

/** So many rows as large as these fit a page. */
export function rowsThatFit(rows: readonly Row[], bytes: number): number {
  if (rows.length === 0) return PAGE_ROWS;
  return Math.max(1, Math.min(PAGE_ROWS, Math.floor((PAGE_BYTES_MAX * rows.length) / bytes)));
}

/**
 * Follows continuations to the end of a range: empty pages are passed over; the next page is fetched while the current
 * one is worked on, as long as there is room for it, and never more than one ahead.
 */
export async function* scanPages(
  scanning: Scanning,
  store: Store,
  table: string,
  request: PageRequest,
): AsyncGenerator<Page> {
  let rowsMax = request.rowsMax ?? PAGE_ROWS;
  const fetchPage = (continuation: PageRequest["continuation"]) => {
    const small = rowsMax < PAGE_ROWS ? { rowsMax } : {};
    const page = { ...request, ...small, ...(continuation ? { continuation } : {}) };
    const load = pageLoad(table, request.range?.after, rowsMax);
    const promise = withRetry(scanning, () => store.readPage(table, page), REQUEST_RETRY, load);
    // A page fetched ahead may fail while nobody waits for it yet: the failure surfaces when it is awaited.
    promise.catch(() => undefined);
    return promise;
  };
  let pending: Promise<Page> | undefined = fetchPage(request.continuation);
  let aheadBytes = 0;
  try {
    while (pending) {
      const page: Page = await pending;
      scanning.ahead.give(aheadBytes);
      const bytes = bytesOfRows(page.rows);
      rowsMax = Math.min(request.rowsMax ?? PAGE_ROWS, rowsThatFit(page.rows, bytes));
      // The next page is taken to be as large as this one.
      aheadBytes = page.next && scanning.ahead.tryTake(bytes) ? bytes : 0;
      pending = aheadBytes > 0 ? fetchPage(page.next) : undefined;
      yield page;
      if (page.next) pending ??= fetchPage(page.next);
    }
  } finally {
    await pending?.catch(() => undefined);
    scanning.ahead.give(aheadBytes);
  }
}

/** The rows of a scan, a page at a time. Whoever works on them moves `at`. */
export class RowStream {
  /** The page at hand; empty at the end. */
  rows: readonly Row[] = [];
  /** The first row of the page that nobody took yet. */
  at = 0;
  ended = false;

  constructor(private readonly pages: AsyncGenerator<Page>) {}

  /** Makes sure that a row is at hand; false at the end. */
  async fill(): Promise<boolean> {
    while (this.at >= this.rows.length && !this.ended) {
      const next = await this.pages.next();
      this.ended = next.done === true;
      this.rows = next.done ? [] : next.value.rows;
      this.at = 0;
    }
    return !this.ended;
  }

  /** Lets go of the pages still under way. */
  async close(): Promise<void> {
    this.ended = true;
    this.rows = [];
    await this.pages.return(undefined);
  }
}

/** A stream without rows: the table does not exist, or was created a moment ago. */
export function emptyStream(): RowStream {
  return new RowStream((async function* () {})());
}
