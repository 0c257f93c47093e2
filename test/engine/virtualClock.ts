import { setMaxListeners } from "node:events";

import type { Clock } from "../../migration/engine/clock";

/** Time that passes only while everybody sleeps: the earliest sleeper wakes, and the clock is there at once. */
export class VirtualClock implements Clock {
  private timeMs: number;
  private readonly sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.timeMs = startMs;
  }

  now(): number {
    return this.timeMs;
  }

  advance(ms: number): void {
    this.timeMs += ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (signal) setMaxListeners(0, signal);
      const abort = () => {
        this.sleepers.splice(this.sleepers.indexOf(sleeper), 1);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      };
      const sleeper = { atMs: this.timeMs + Math.max(0, ms), wake };
      this.sleepers.push(sleeper);
      this.sleepers.sort((a, b) => a.atMs - b.atMs);
      signal?.addEventListener("abort", abort, { once: true });
      this.schedule();
    });
  }

  /** Real work in between goes first: time moves only when the event loop has nothing else to do. */
  private schedule(): void {
    setImmediate(() =>
      setImmediate(() => {
        const next = this.sleepers.shift();
        if (!next) return;
        this.timeMs = Math.max(this.timeMs, next.atMs);
        next.wake();
        if (this.sleepers.length > 0) this.schedule();
      }),
    );
  }
}

/** A small seeded generator (mulberry32): the same seed, the same numbers. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
