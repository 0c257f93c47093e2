import type { Judgement } from "./judge";

export interface Line {
  readonly name: string;
  /** Attacks. */
  tried: number;
  /** Attacks whose verdict (and digest) was right. */
  found: number;
  /** Attacks of which every difference was reported with key, class, names, types and values. */
  located: number;
  /** Differences reported that are not there. */
  falseAlarms: number;
}

/** Failures kept for people; the count goes on. */
const FAILURES_KEPT_MAX = 20;

/** Counts by kind, and what is needed to have a failure again. */
export class Tally {
  private readonly lines = new Map<string, Line>();
  readonly failures: string[] = [];
  private failed = 0;

  add(name: string, judged: Judgement, describe: () => string): void {
    const line = this.lines.get(name) ?? { name, tried: 0, found: 0, located: 0, falseAlarms: 0 };
    this.lines.set(name, line);
    const found = judged.verdict && judged.digest;
    const located = judged.located === judged.expected;
    line.tried += 1;
    if (found) line.found += 1;
    if (located) line.located += 1;
    line.falseAlarms += judged.falseAlarms.length;
    if (!found || !located || judged.falseAlarms.length > 0) {
      const what = { ...judged, attack: describe() };
      this.fail(`${name}: ${JSON.stringify(what)}`);
    }
  }

  fail(what: string): void {
    this.failed += 1;
    if (this.failures.length < FAILURES_KEPT_MAX) this.failures.push(what);
  }

  get failureCount(): number {
    return this.failed;
  }

  get all(): readonly Line[] {
    return [...this.lines.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  line(name: string): Line | undefined {
    return this.lines.get(name);
  }
}

export function total(lines: readonly Line[], name: string): Line {
  const sum = (of: (line: Line) => number) => lines.reduce((all, line) => all + of(line), 0);
  return {
    name, tried: sum((l) => l.tried), found: sum((l) => l.found), located: sum((l) => l.located),
    falseAlarms: sum((l) => l.falseAlarms),
  };
}
