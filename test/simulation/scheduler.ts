import type { Rng } from "./rng";

/** Whose event it is: events of one who is dead are dropped, of one who is stalled they wait. */
export interface Owner {
  readonly alive: boolean;
  /** Nothing of the owner happens before this moment. */
  readonly stalledUntilMs: number;
}

interface Event {
  readonly atMs: number;
  /** Decides between events of the same moment: seeded, so that every order comes up. */
  readonly order: number;
  readonly owner: Owner | undefined;
  readonly fire: () => void;
  cancelled: boolean;
}

export interface Limits {
  readonly stepsMax: number;
  /** The virtual time that must not be passed. */
  readonly untilMs: number;
}

export type Ending = "done" | "deadlock" | "tooManySteps" | "tooLate";

function before(a: Event, b: Event): boolean {
  return a.atMs === b.atMs ? a.order < b.order : a.atMs < b.atMs;
}

/**
 * Virtual time, and the order of everything that waits for it. Between two events all that can go on without waiting
 * has gone on, so the run of a simulation depends on its seed alone.
 */
export class Scheduler {
  steps = 0;
  private timeMs: number;
  private readonly queue: Event[] = [];
  private busy = 0;

  constructor(
    private readonly random: Rng,
    startMs: number,
  ) {
    this.timeMs = startMs;
  }

  now(): number {
    return this.timeMs;
  }

  /** Fires once, `delayMs` from now; the function returned takes it back. */
  after(delayMs: number, fire: () => void, owner?: Owner): () => void {
    const atMs = this.timeMs + Math.max(0, delayMs);
    const event = { atMs, order: this.random.next(), owner, fire, cancelled: false };
    this.insert(event);
    return () => {
      event.cancelled = true;
    };
  }

  wait(delayMs: number, owner?: Owner): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve, owner));
  }

  /** Work that takes real time and no virtual: nothing else happens until it is over. */
  async real<T>(work: () => Promise<T>): Promise<T> {
    this.busy += 1;
    try {
      return await work();
    } finally {
      this.busy -= 1;
    }
  }

  /** Lets time pass until `done`; "deadlock" when nobody is left to wake. */
  async run(done: () => boolean, { stepsMax, untilMs }: Limits): Promise<Ending> {
    const lastStep = this.steps + stepsMax;
    for (;;) {
      do await new Promise((resolve) => setImmediate(resolve));
      while (this.busy > 0);
      if (done()) return "done";
      const next = this.pop();
      if (!next) return "deadlock";
      if (next.atMs > untilMs) {
        this.insert(next);
        return "tooLate";
      }
      this.timeMs = Math.max(this.timeMs, next.atMs);
      this.steps += 1;
      if (this.steps > lastStep) return "tooManySteps";
      next.fire();
    }
  }

  private insert(event: Event): void {
    let low = 0;
    let high = this.queue.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      // Last first: the next event is taken from the end.
      if (before(event, this.queue[middle] as Event)) low = middle + 1;
      else high = middle;
    }
    this.queue.splice(low, 0, event);
  }

  private pop(): Event | undefined {
    for (let event = this.queue.pop(); event; event = this.queue.pop()) {
      if (event.cancelled || event.owner?.alive === false) continue;
      const wakesAtMs = event.owner?.stalledUntilMs ?? 0;
      if (wakesAtMs <= event.atMs) return event;
      this.insert({ ...event, atMs: wakesAtMs });
    }
    return undefined;
  }
}
