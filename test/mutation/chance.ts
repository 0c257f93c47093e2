import { seededRandom } from "../simulated";

/** Seeded choices: the same seed, the same attack. */
export class Chance {
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  /** 0 to `below` - 1. */
  int(below: number): number {
    return Math.floor(this.random() * below);
  }

  /** True in `share` of all cases. */
  often(share: number): boolean {
    return this.random() < share;
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error("There is nothing to choose from.");
    return list[this.int(list.length)] as T;
  }

  shuffled<T>(list: readonly T[]): T[] {
    const left = [...list];
    const taken: T[] = [];
    while (left.length > 0) taken.push(...left.splice(this.int(left.length), 1));
    return taken;
  }

  bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.int(256)));
  }

  hex(digits: number): string {
    return Array.from({ length: digits }, () => this.int(16).toString(16)).join("");
  }
}
