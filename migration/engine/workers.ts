/** Segments worked on at once. */
export const SEGMENTS_AT_ONCE_MAX = 8;

/** A few at a time; the first failure lets no other begin. */
export class Workers {
  private readonly live = new Set<Promise<void>>();
  private failure: unknown;
  private failed = false;

  constructor(private readonly most: number) {}

  async start(work: () => Promise<void>): Promise<void> {
    while (this.live.size >= this.most) await Promise.race(this.live);
    this.throwFailure();
    const one: Promise<void> = work().catch((error: unknown) => {
      if (!this.failed) this.failure = error;
      this.failed = true;
    }).finally(() => this.live.delete(one));
    this.live.add(one);
  }

  async over(): Promise<void> {
    await Promise.all(this.live);
  }

  throwFailure(): void {
    if (this.failed) throw this.failure;
  }
}
