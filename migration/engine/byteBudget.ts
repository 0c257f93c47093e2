import type { Pair } from "./merge";
import type { Row } from "./row";

/** Pages fetched ahead of need, over all tables and ranges of a run. */
export const BYTES_AHEAD_MAX = 12 * 1024 * 1024;

/** Segments planned, written and not yet acknowledged, over all tables and ranges of a run. */
export const BYTES_IN_FLIGHT_MAX = 24 * 1024 * 1024;

/** What a row costs beside its bytes: its object, its keys, its version, its digest. */
const ROW_OVERHEAD_BYTES = 400;

function bytesOf(row: Row | undefined): number {
  return row ? row.body.length + ROW_OVERHEAD_BYTES : 0;
}

export function bytesOfRows(rows: readonly Row[]): number {
  let bytes = 0;
  for (const row of rows) bytes += bytesOf(row);
  return bytes;
}

export function bytesOfPairs(pairs: readonly Pair[]): number {
  let bytes = 0;
  for (const { source, destination } of pairs) bytes += bytesOf(source) + bytesOf(destination);
  return bytes;
}

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
