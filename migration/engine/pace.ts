/** Rows admitted are counted over this long. */
const WINDOW_MS = 1_000;

/** The first refusal says little: what was admitted until then may be what had been saved up. From there it doubles. */
const DOUBLING_MS = 500;

/**
 * A later refusal lowers the pace to this part. From there it grows by so much a second, and the faster the longer
 * nothing is refused: near a limit it is looked for all the time; far from one (it was raised, or a moment's burst was
 * taken for it) the pace doubles within five seconds.
 */
const CUT = 0.92;
const GROWTH_PER_SECOND = 0.06;
const ACCELERATION_PER_SECOND_2 = 0.03;

/** Where the service asks for a pause, refusals cost more: the pace begins this much below what was admitted, ... */
const STEP_BACK = 0.03;

/** ... is back there after this long, and goes beyond it ever faster from then on (as TCP's CUBIC does). */
const PLATEAU_MS = 5_000;

/** Where the service asks for a pause, a refusal lowers the pace by this much. */
const CUT_MIN = 0.95;

/** What ends the doubling came when the limit had been passed: somewhere between half of the pace and all of it. */
const SEARCH_CUT = 0.7;

/** Rows per second beyond which no pace holds anybody back. */
const RATE_MAX = 1e7;

/** Waiting that shows: a pace that held somebody back this recently is why it goes slower. */
const SHOWN_MS = 2_000;

/**
 * How many rows a second an account or a partition takes, learnt from what it admitted when it refused. Unbounded until
 * the first refusal. It answers rates, not requests at once: a partition that takes 2,000 rows a second is filled by a
 * single connection many times over.
 */
export class Pace {
  /** Rows per second at the last refusal; undefined: none yet. */
  private known: number | undefined;
  private searching = false;
  /** Refusals come with a pause, which costs more than a slow approach. */
  private waits = false;
  private refusedAtMs = 0;
  private nextAtMs = 0;
  private pausedUntilMs = 0;
  private heldBackAtMs = -Infinity;
  private windowAtMs = 0;
  private inWindow = 0;
  private before = 0;

  /** Rows that were admitted. */
  admitted(rows: number, nowMs: number): void {
    this.slide(nowMs);
    this.inWindow += rows;
  }

  /** How long to wait before something may be sent; 0 for now. */
  waitMs(nowMs: number): number {
    const waitMs = Math.max(this.nextAtMs, this.pausedUntilMs) - nowMs;
    if (waitMs > 0) this.heldBackAtMs = nowMs + waitMs;
    return Math.max(0, waitMs);
  }

  /** Something with so many rows is sent now. */
  sent(rows: number, nowMs: number): void {
    if (this.known === undefined) return;
    this.nextAtMs = Math.max(this.nextAtMs, nowMs) + (rows * 1_000) / this.rate(nowMs);
  }

  /** Nothing is to be sent for so long. */
  pause(ms: number, nowMs: number): void {
    this.pausedUntilMs = Math.max(this.pausedUntilMs, nowMs + ms);
  }

  /** So many rows, sent at `sentAtMs`, were refused: learns from it unless that was before the last lesson. */
  refused(rows: number, sentAtMs: number, nowMs: number): void {
    if (this.known !== undefined && sentAtMs <= this.refusedAtMs) return;
    const admitted = this.admittedLately(nowMs);
    if (this.known === undefined) {
      // Nothing was admitted yet: nothing is known but that it was too much.
      if (admitted === 0) return;
      this.known = admitted;
      this.searching = true;
    } else {
      const rate = this.rate(nowMs);
      // After a pause the last second says little of what would have been admitted.
      const paused = this.pausedUntilMs > nowMs - WINDOW_MS;
      // What was admitted meanwhile is known to be possible: the search did not pass the limit by more than that.
      const found = Math.max(rate * SEARCH_CUT, Math.min(rate, admitted) * CUT_MIN);
      this.known = this.searching ? found : paused ? rate * CUT_MIN : rate * CUT;
      this.searching = false;
      this.waits = paused;
    }
    this.refusedAtMs = nowMs;
    this.nextAtMs = Math.max(this.nextAtMs, nowMs + (rows * 1_000) / this.rate(nowMs));
  }

  /** What was learnt since then was another's fault. */
  forget(sinceMs: number): void {
    if (this.refusedAtMs >= sinceMs) this.known = undefined;
  }

  get isKnown(): boolean {
    return this.known !== undefined;
  }

  /** It held somebody back a moment ago. */
  holdsBack(nowMs: number): boolean {
    return nowMs - this.heldBackAtMs < SHOWN_MS;
  }

  /** Rows per second; Infinity while nothing is known. */
  rate(nowMs: number): number {
    if (this.known === undefined) return Infinity;
    const sinceMs = nowMs - this.refusedAtMs;
    if (this.searching) return Math.min(RATE_MAX, this.known * 2 ** (sinceMs / DOUBLING_MS));
    if (!this.waits) return Math.min(RATE_MAX, this.known * grown(sinceMs / 1_000));
    return Math.max(1, Math.min(RATE_MAX, this.known * (1 + STEP_BACK * (sinceMs / PLATEAU_MS - 1) ** 3)));
  }

  private slide(nowMs: number): void {
    const passed = Math.floor((nowMs - this.windowAtMs) / WINDOW_MS);
    if (passed <= 0) return;
    this.before = passed === 1 ? this.inWindow : 0;
    this.inWindow = 0;
    this.windowAtMs += passed * WINDOW_MS;
  }

  /** Rows admitted within the last second, or a little more. */
  admittedLately(nowMs: number): number {
    this.slide(nowMs);
    const share = (nowMs - this.windowAtMs) / WINDOW_MS;
    return this.inWindow + this.before * (1 - share);
  }
}

function grown(seconds: number): number {
  return Math.exp(GROWTH_PER_SECOND * seconds + ACCELERATION_PER_SECOND_2 * seconds ** 2);
}
