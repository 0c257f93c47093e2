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

/** The rows of a scan, one after the other. */
export class RowStream {
  private rows: readonly Row[] = [];
  private at = 0;
  private ended = false;

  constructor(private readonly pages: AsyncGenerator<Page>) {}

  /** The next row without taking it; undefined at the end. Synchronous while the page lasts. */
  peek(): Row | undefined | Promise<Row | undefined> {
    if (this.at < this.rows.length) return this.rows[this.at];
    return this.ended ? undefined : this.refill();
  }

  take(): void {
    this.at += 1;
  }

  private async refill(): Promise<Row | undefined> {
    while (!this.ended) {
      const next = await this.pages.next();
      if (next.done) {
        this.ended = true;
        break;
      }
      this.rows = next.value.rows;
      this.at = 0;
      if (this.rows.length > 0) return this.rows[0];
    }
    this.rows = [];
    this.at = 0;
    return undefined;
  }

  /** Lets go of the pages still under way. */
  async close(): Promise<void> {
    this.ended = true;
    await this.pages.return(undefined);
  }
}

/** A stream without rows: the table does not exist, or was created a moment ago. */
export function emptyStream(): RowStream {
  return new RowStream((async function* () {})());
}
