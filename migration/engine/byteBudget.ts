/** Pages fetched ahead of need, over all tables and ranges of a run. */
export const BYTES_AHEAD_MAX = 12 * 1024 * 1024;

/** Segments planned, written and not yet acknowledged, over all tables and ranges of a run. */
export const BYTES_IN_FLIGHT_MAX = 24 * 1024 * 1024;

/** A share of memory that many take from. What alone is larger than all of it goes when nothing else is there. */
export class ByteBudget {
  private taken = 0;
  private readonly waiting: { readonly bytes: number; readonly go: () => void }[] = [];

  constructor(private readonly bytesMax: number) {}

  get inUse(): number {
    return this.taken;
  }

  /** Takes them if they are free now. */
  tryTake(bytes: number): boolean {
    if (this.waiting.length > 0 || !this.fits(bytes)) return false;
    this.taken += bytes;
    return true;
  }

  /** Waits until they are free; who came first goes first. Whoever takes must give back without taking more. */
  async take(bytes: number): Promise<void> {
    if (this.tryTake(bytes)) return;
    await new Promise<void>((go) => this.waiting.push({ bytes, go }));
  }

  give(bytes: number): void {
    this.taken -= bytes;
    for (let next = this.waiting[0]; next && this.fits(next.bytes); next = this.waiting[0]) {
      this.waiting.shift();
      this.taken += next.bytes;
      next.go();
    }
  }

  private fits(bytes: number): boolean {
    return this.taken === 0 || this.taken + bytes <= this.bytesMax;
  }
}
