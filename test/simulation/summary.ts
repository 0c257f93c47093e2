import type { Simulated } from "./kind";
import type { Violation } from "./model";
import type { Scenario } from "./scenario";

/** What one process hands to the one that started it. */
export interface Played {
  readonly seeds: number;
  readonly failed: readonly number[];
  readonly counts: Readonly<Record<string, number>>;
  readonly found: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  readonly virtualMs: number;
  readonly cpuSeconds: number;
}

function addAll(counts: Map<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(more)) counts.set(name, (counts.get(name) ?? 0) + count);
}

/** What many simulations came to. */
export class Summary {
  seeds = 0;
  /** Seeds. */
  readonly failed: number[] = [];
  private othersCpuSeconds = 0;
  private readonly counts = new Map<string, number>();
  private readonly found = new Map<string, number>();
  private readonly faults = new Map<string, number>();
  private virtualMs = 0;
  private readonly startedMs = performance.now();
  private readonly startedCpu = process.cpuUsage();

  constructor(private readonly checkers: readonly { readonly name: string }[]) {}

  add({ seed, backend, cosmos }: Scenario, simulated: Simulated, violations: readonly Violation[]): void {
    const { log, steps, virtualMs } = simulated;
    this.seeds += 1;
    this.virtualMs += virtualMs;
    this.count("steps", steps);
    this.count(`seeds over ${backend === "memory" ? "stores in memory" : "the simulated service"}`);
    if (cosmos) this.count("seeds into a destination without an order");
    for (const entry of log.entries) {
      if (entry.kind === "asked") this.count("calls to stores");
      if (entry.kind === "began") this.count("runs");
      if (entry.kind === "committed") this.count(`rows changed by ${entry.by === "people" ? "others" : "runs"}`);
      if (entry.kind === "fault") this.faults.set(entry.fault, (this.faults.get(entry.fault) ?? 0) + 1);
    }
    for (const { checker } of violations) this.found.set(checker, (this.found.get(checker) ?? 0) + 1);
    if (violations.length > 0) this.failed.push(seed);
  }

  get played(): Played {
    const { seeds, failed, virtualMs, cpuSeconds } = this;
    const [counts, found, faults] = [this.counts, this.found, this.faults].map((one) => Object.fromEntries(one));
    return { seeds, failed, counts: counts ?? {}, found: found ?? {}, faults: faults ?? {}, virtualMs, cpuSeconds };
  }

  /** What another process played. */
  take({ seeds, failed, counts, found, faults, virtualMs, cpuSeconds }: Played): void {
    this.seeds += seeds;
    this.failed.push(...failed);
    addAll(this.counts, counts);
    addAll(this.found, found);
    addAll(this.faults, faults);
    this.virtualMs += virtualMs;
    this.othersCpuSeconds += cpuSeconds;
  }

  /** As a table of Markdown, which reads well on a terminal, too. */
  text(): string {
    const seconds = (performance.now() - this.startedMs) / 1_000;
    const { cpuSeconds } = this;
    const faults = [...this.faults].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, count]) => `${kind} ${count}`);
    const rows: readonly (readonly [string, string])[] = [
      ["seeds", `${this.seeds}, of which ${this.failed.length} failed`],
      ...[...this.counts].map(([name, count]): [string, string] => [name, count.toLocaleString("en")]),
      ["faults", faults.join(", ")],
      ["virtual time", `${(this.virtualMs / 3_600_000).toFixed(1)} h`],
      ["real time", `${seconds.toFixed(1)} s (${(this.seeds / seconds).toFixed(0)} seeds/s)`],
      ["CPU time", `${cpuSeconds.toFixed(1)} s (${((1_000 * cpuSeconds) / this.seeds).toFixed(0)} ms a seed)`],
      ...this.checkers.map(({ name }): [string, string] => {
        return [`checker: ${name}`, `${this.found.get(name) ?? 0} violations`];
      }),
    ];
    return ["| What | How much |", "|---|---|", ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join("\n");
  }

  private get cpuSeconds(): number {
    const { user, system } = process.cpuUsage(this.startedCpu);
    return (user + system) / 1_000_000 + this.othersCpuSeconds;
  }

  private count(name: string, by = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + by);
  }
}
