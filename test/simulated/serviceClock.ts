const HOUR_MS = 3_600_000;

/** How the service's clock goes wrong. */
export interface ClockSkew {
  /** Ahead of everybody else's, or behind: Date headers, signatures' ages, tokens' expiry and Timestamps alike. */
  readonly offsetMs?: number;
  /** Of Timestamps and ETags only, besides: rows are stamped by other machines than the one that answers. */
  readonly rowOffsetMs?: number;
  /** Goes too fast by this much an hour (too slowly where negative), from the moment it is set. */
  readonly driftMsPerHour?: number;
}

/** The service's own clock, which may go wrong on purpose. */
export class ServiceClock {
  private skew: ClockSkew = {};
  private sinceMs = 0;

  constructor(private readonly trueMs: () => number, skew: ClockSkew | undefined) {
    this.set(skew ?? {});
  }

  /** Goes wrong in another way from here on; drift begins anew. */
  set(skew: ClockSkew): void {
    this.skew = skew;
    this.sinceMs = this.trueMs();
  }

  /** What the service takes for the time, milliseconds since 1970. */
  readonly now = (): number => {
    const trueMs = this.trueMs();
    const { offsetMs, driftMsPerHour } = this.skew;
    const driftMs = driftMsPerHour === undefined ? 0 : ((trueMs - this.sinceMs) / HOUR_MS) * driftMsPerHour;
    return trueMs + (offsetMs ?? 0) + driftMs;
  };

  /** What rows are stamped with. */
  readonly rowNow = (): number => this.now() + (this.skew.rowOffsetMs ?? 0);
}
