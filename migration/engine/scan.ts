import type { Page, PageRequest, Store } from "./store";
import type { Row } from "./row";
import { type Retrying, withRetry } from "./retry";

/**
 * Follows continuations to the end of a range: empty pages are passed over, the next page is fetched while the
 * current one is worked on, and never more than one ahead.
 */
export async function* scanPages(
  retrying: Retrying,
  store: Store,
  table: string,
  request: PageRequest,
): AsyncGenerator<Page> {
  const fetchPage = (continuation: PageRequest["continuation"]) => {
    const page = continuation ? { ...request, continuation } : request;
    const promise = withRetry(retrying, () => store.readPage(table, page));
    // A page fetched ahead may fail while nobody waits for it yet: the failure surfaces when it is awaited.
    promise.catch(() => undefined);
    return promise;
  };
  let pending: Promise<Page> | undefined = fetchPage(request.continuation);
  try {
    while (pending) {
      const page: Page = await pending;
      pending = page.next ? fetchPage(page.next) : undefined;
      yield page;
    }
  } finally {
    await pending?.catch(() => undefined);
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
