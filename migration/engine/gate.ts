import type { Clock } from "./clock";
import { OperationalError } from "./errors";

/**
 * Bounds the requests under way against one account, and adapts to it: halved when the service says that it is too
 * much (429, 503), one more after as many successes as the bound is high. A pause that the service asked for holds
 * everybody back, not only the request that met it.
 */
export class Gate {
  private limit: number;
  private active = 0;
  private successes = 0;
  private readonly waiting: (() => void)[] = [];
  private pausedUntilMs = 0;
  private reason: string | undefined;

  constructor(
    private readonly limitMax: number,
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
    private readonly name: string,
  ) {
    this.limit = limitMax;
  }

  get inFlight(): number {
    return this.active;
  }

  /** Why it goes slower than it could; undefined when it does not. */
  get throttledReason(): string | undefined {
    return this.reason;
  }

  async run<T>(request: () => Promise<T>): Promise<T> {
    await this.enter();
    try {
      const result = await request();
      this.succeeded();
      return result;
    } catch (error) {
      if (error instanceof OperationalError && error.throttled) this.throttled(error);
      throw error;
    } finally {
      this.leave();
    }
  }

  private async enter(): Promise<void> {
    while (this.active >= this.limit) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.active += 1;
    const pauseMs = this.pausedUntilMs - this.clock.now();
    if (pauseMs <= 0) return;
    try {
      await this.clock.sleep(pauseMs, this.signal);
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  private leave(): void {
    this.active -= 1;
    for (let free = this.limit - this.active; free > 0; free -= 1) this.waiting.shift()?.();
  }

  private succeeded(): void {
    if (this.limit >= this.limitMax) {
      this.reason = undefined;
      return;
    }
    this.successes += 1;
    if (this.successes < this.limit) return;
    this.successes = 0;
    this.limit += 1;
  }

  private throttled(error: OperationalError): void {
    this.successes = 0;
    this.limit = Math.max(1, Math.floor(this.limit / 2));
    this.pausedUntilMs = Math.max(this.pausedUntilMs, this.clock.now() + (error.retryAfterMs ?? 0));
    this.reason = `${this.name} answered ${error.status ?? ""} ${error.code}, ${this.limit} requests at once`;
  }
}
