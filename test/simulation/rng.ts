import { seededRandom } from "../engine/virtualClock";

/** Seeded choices. The same seed, the same choices in the same order. */
export class Rng {
  readonly next: () => number;

  constructor(private readonly seed: number) {
    this.next = seededRandom(seed);
  }

  /** Whole, from `min` to `max`, both inclusive. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.int(0, choices.length - 1)] as T;
  }

  /** Choices of its own for one part, so that another part that chooses more or less does not disturb them. */
  fork(part: number): Rng {
    return new Rng((Math.imul(this.seed ^ 0x5bd1e995, 0x9e3779b1) + Math.imul(part + 1, 0x85ebca6b)) >>> 0);
  }
}
