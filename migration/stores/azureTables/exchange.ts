import type { Dispatcher } from "undici";

/** Headers as undici hands them over, by lower-case name. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface Answered {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: Buffer;
}

/**
 * One request under way: collects the whole answer, whatever its status. Written against undici's `dispatch`, since
 * the streams and signals of its `request` cost more than all else that is done for a row.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<Answered>;
  private resolve!: (answer: Answered) => void;
  private reject!: (error: unknown) => void;
  private controller: Dispatcher.DispatchController | undefined;
  private status = 0;
  private headers: AnswerHeaders = {};
  private readonly chunks: Buffer[] = [];
  private failure: Error | undefined;

  /**
   * `endsMs`: the moment, on whatever clock `Deadlines` runs on, after which it is given up.
   * `started` hears the status and headers as soon as they are there, long before a large body is.
   */
  constructor(
    readonly endsMs: number,
    private readonly done: (exchange: Exchange) => void,
    private readonly started: ((status: number, headers: AnswerHeaders) => void) | undefined,
  ) {
    this.answer = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    // It was given up while it waited for a connection.
    if (this.failure !== undefined) controller.abort(this.failure);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: AnswerHeaders): void {
    // 1xx only announces the answer.
    if (status < 200) return;
    this.status = status;
    this.headers = headers;
    this.started?.(status, headers);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    const { chunks } = this;
    const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
    this.done(this);
    this.resolve({ status: this.status, headers: this.headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.done(this);
    this.reject(error);
  }

  /** Ends it now, also while it still waits for a connection. */
  giveUp(error: Error): void {
    this.failure = error;
    this.done(this);
    this.reject(error);
    this.controller?.abort(error);
  }
}

/** Every so often, exchanges are looked at for those that took too long. */
const LOOK_INTERVAL_MS = 1_000;

/** Ends exchanges whose time is up: one timer for all, which keeps no process alive. */
export class Deadlines {
  private readonly open = new Set<Exchange>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** An exchange that is given up after `limitMs`, looked at every `LOOK_INTERVAL_MS` or, for shorter ones, then. */
  begin(limitMs: number, started?: (status: number, headers: AnswerHeaders) => void): Exchange {
    const exchange = new Exchange(this.nowMs() + limitMs, this.ended, started);
    this.open.add(exchange);
    this.timer ??= setTimeout(this.look, Math.min(LOOK_INTERVAL_MS, limitMs)).unref();
    return exchange;
  }

  private readonly ended = (exchange: Exchange): void => {
    this.open.delete(exchange);
  };

  private readonly look = (): void => {
    const nowMs = this.nowMs();
    const late = [...this.open].filter(({ endsMs }) => endsMs <= nowMs);
    for (const exchange of late) exchange.giveUp(new DOMException("no whole answer in time", "TimeoutError"));
    const nextMs = Math.min(LOOK_INTERVAL_MS, ...[...this.open].map(({ endsMs }) => Math.max(1, endsMs - nowMs)));
    this.timer = this.open.size === 0 ? undefined : setTimeout(this.look, nextMs).unref();
  };
}
