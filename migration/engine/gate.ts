import type { Clock } from "./clock";
import { OperationalError } from "./errors";
import { type Lane, Lanes, type Load, newLane } from "./lanes";
import type { Pace } from "./pace";

/** Refusals count together this long: that many lanes refused within it, and it is the account that is busy. */
const TOGETHER_MS = 1_000;
const LANES_REFUSED_MIN = 4;

/** A reason is shown this long after a lane last held somebody back. */
const REASON_MS = 2_000;

/** Undefined where a request may go; else what has to come first. Rejects where it never may. */
export type Guard = () => Promise<void> | undefined;

/**
 * Bounds the requests under way against one account, and adapts to it and to its partitions.
 *
 * Where one lane (a partition) refuses, it is paced by the rows a second that it admitted, and others go on. Where many
 * refuse within a second, or it is not known whom a refusal is for, it is the account: the bound is halved, once for
 * all requests that were under way together, and grows by one after as many successes as it is high; and the account is
 * paced by what it admitted. A pause that the service asked for holds back everybody whom the refusal concerns.
 */
export class Gate {
  private limit: number;
  private active = 0;
  private successes = 0;
  private readonly waiting: (() => void)[] = [];
  /** All lanes together. */
  private readonly all = newLane();
  private readonly lanes = new Lanes();
  private readonly refusedLanes = new Map<string, number>();
  private halvedAtMs = -Infinity;
  private reason: string | undefined;
  private guarded: Guard = () => undefined;
  private laneReason: { readonly text: string; readonly pace: Pace; readonly atMs: number } | undefined;

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
    const nowMs = this.clock.now();
    if (this.reason !== undefined && (this.limit < this.limitMax || this.all.pace.holdsBack(nowMs))) return this.reason;
    const lane = this.laneReason;
    if (lane && (nowMs - lane.atMs < REASON_MS || lane.pace.holdsBack(nowMs))) return lane.text;
    return undefined;
  }

  /** Asked right before each request is sent, without a moment in between: what it waits for is waited for. */
  set guard(guard: Guard) {
    this.guarded = guard;
  }

  async run<T>(request: () => Promise<T>, load?: Load): Promise<T> {
    const lane = load && this.lanes.of(load.lane);
    await this.admit(lane, load?.rows ?? 0);
    let sentAtMs = this.clock.now();
    try {
      for (let ready = this.guarded(); ready; ready = this.guarded()) await ready;
      sentAtMs = this.clock.now();
      const result = await request();
      this.succeeded(lane, load);
      return result;
    } catch (error) {
      if (error instanceof OperationalError && error.throttled) this.throttled(error, sentAtMs, lane, load);
      throw error;
    } finally {
      this.leave();
    }
  }

  private async admit(lane: Lane | undefined, rows: number): Promise<void> {
    for (;;) {
      const paced = lane?.pace.isKnown === true;
      if (lane) await this.turn(lane, rows);
      await this.enter(rows);
      if (!lane || paced || !lane.pace.isKnown) return;
      // The lane refused others while this one waited for the account: it waits for its turn after all.
      this.leave();
    }
  }

  /** Waits until a pace lets so many rows go; whoever came first goes first. */
  private turn(paced: Lane, rows: number): Promise<void> | undefined {
    const nowMs = this.clock.now();
    if (paced.queued === 0 && paced.pace.waitMs(nowMs) === 0) {
      paced.pace.sent(rows, nowMs);
      return undefined;
    }
    const wait = async () => {
      for (let ms = paced.pace.waitMs(this.clock.now()); ms > 0; ms = paced.pace.waitMs(this.clock.now())) {
        await this.clock.sleep(ms, this.signal);
      }
      paced.pace.sent(rows, this.clock.now());
    };
    paced.queued += 1;
    const turn = paced.tail.then(wait).finally(() => (paced.queued -= 1));
    paced.tail = turn.catch(() => undefined);
    return turn;
  }

  private async enter(rows: number): Promise<void> {
    while (this.active >= this.limit) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.active += 1;
    try {
      await this.turn(this.all, rows);
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  private leave(): void {
    this.active -= 1;
    for (let free = this.limit - this.active; free > 0; free -= 1) this.waiting.shift()?.();
  }

  private succeeded(lane: Lane | undefined, load: Load | undefined): void {
    if (load) {
      const nowMs = this.clock.now();
      this.all.pace.admitted(load.rows, nowMs);
      lane?.pace.admitted(load.rows, nowMs);
    }
    if (this.limit >= this.limitMax) return;
    this.successes += 1;
    if (this.successes < this.limit) return;
    this.successes = 0;
    this.limit += 1;
  }

  private throttled(error: OperationalError, sentAtMs: number, lane: Lane | undefined, load: Load | undefined): void {
    const nowMs = this.clock.now();
    const pauseMs = error.retryAfterMs ?? 0;
    const answered = `${this.name} answered ${error.status ?? ""} ${error.code}`;
    if (!lane || !load || this.isTheAccount(load.lane, lane.pace, nowMs)) {
      this.all.pace.pause(pauseMs, nowMs);
      this.all.pace.refused(load?.rows ?? 0, sentAtMs, nowMs);
      this.lanes.forget(nowMs - TOGETHER_MS);
      this.halve(sentAtMs, nowMs);
      this.reason = `${answered}, ${this.limit} requests at once${rateText(this.all.pace, nowMs)}`;
      return;
    }
    lane.pace.pause(pauseMs, nowMs);
    lane.pace.refused(load.rows, sentAtMs, nowMs);
    const text = `${answered} for ${load.where}${rateText(lane.pace, nowMs)}`;
    this.laneReason = { text, pace: lane.pace, atMs: nowMs };
  }

  /**
   * Lanes refuse what can hardly be too much for them: many at the same time that took next to nothing before. One
   * that took much may have its own reasons, however many others do, too: small partitions are each filled at once.
   */
  private isTheAccount(lane: string, pace: Pace, nowMs: number): boolean {
    if (pace.admittedLately(nowMs) === 0) this.refusedLanes.set(lane, nowMs);
    for (const [name, atMs] of this.refusedLanes) if (nowMs - atMs > TOGETHER_MS) this.refusedLanes.delete(name);
    return this.refusedLanes.size >= LANES_REFUSED_MIN;
  }

  /** Once for all that were under way when it was refused. */
  private halve(sentAtMs: number, nowMs: number): void {
    this.successes = 0;
    if (sentAtMs < this.halvedAtMs) return;
    this.halvedAtMs = nowMs;
    this.limit = Math.max(1, Math.floor(this.limit / 2));
  }
}

function rateText(pace: Pace, nowMs: number): string {
  return pace.isKnown ? `, ${Math.round(pace.rate(nowMs))} rows/s` : "";
}
