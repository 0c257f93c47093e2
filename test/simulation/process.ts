import { setMaxListeners } from "node:events";

import type { Clock } from "../../migration/engine/clock";
import type { Rng } from "./rng";
import type { Owner, Scheduler } from "./scheduler";

/** One process that runs a command: it can be killed, be stalled, and its machine's clock can be wrong. */
export class Process implements Owner {
  alive = true;
  stalledUntilMs = 0;
  /** Calls to either store so far. */
  calls = 0;
  readonly end = new AbortController();

  constructor(
    readonly id: string,
    readonly scheduler: Scheduler,
    readonly random: Rng,
    private readonly skewMs: number,
  ) {}

  /** From here on nothing of it happens any more; what it had sent may still arrive. */
  kill(): void {
    this.alive = false;
  }

  /** As a machine that was suspended: its requests go on, it hears of them when it wakes. */
  stall(forMs: number): void {
    this.stalledUntilMs = Math.max(this.stalledUntilMs, this.scheduler.now() + forMs);
  }

  /** The machine's clock. A sleep that a signal ends rejects with its reason, as the port asks. */
  readonly clock: Clock = {
    now: () => this.scheduler.now() + this.skewMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        if (signal) setMaxListeners(0, signal);
        const abort = () => {
          cancel();
          reject(signal?.reason);
        };
        const wake = () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        };
        const cancel = this.scheduler.after(ms, wake, this);
        signal?.addEventListener("abort", abort, { once: true });
      }),
  };
}
