/**
 * So much a second, and no more than `capacity` at once. Who takes more than is there leaves a debt that is paid off
 * before the next is admitted: what a request costs is often known only when it has been carried out.
 */
export class TokenBucket {
  private tokens: number;

  /** `perSecond` and `capacity` in whatever is counted; `nowMs` is the clock that pays. */
  constructor(
    private readonly perSecond: number,
    private readonly capacity: number,
    private paidMs: number,
  ) {
    this.tokens = capacity;
  }

  /** True where nothing is owed and nothing was used lately: such a bucket may as well be forgotten. */
  isFull(nowMs: number): boolean {
    this.pay(nowMs);
    return this.tokens >= this.capacity;
  }

  /** How long until `wanted` could be taken, in milliseconds; 0: now. What never fits waits for a full bucket. */
  waitMs(wanted: number, nowMs: number): number {
    this.pay(nowMs);
    const missing = Math.min(wanted, this.capacity) - this.tokens;
    return missing <= 0 ? 0 : Math.ceil((missing / this.perSecond) * 1000);
  }

  take(count: number, nowMs: number): void {
    this.pay(nowMs);
    this.tokens -= count;
  }

  private pay(nowMs: number): void {
    // A clock that goes backwards pays nothing, and takes nothing back.
    const elapsedMs = Math.max(0, nowMs - this.paidMs);
    this.paidMs = Math.max(nowMs, this.paidMs);
    this.tokens = Math.min(this.capacity, this.tokens + (elapsedMs / 1000) * this.perSecond);
  }
}
