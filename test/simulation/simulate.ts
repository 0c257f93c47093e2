import { copyTables, requestStop, type RunContext, verifyTables } from "../../migration/engine";
import { JOURNAL_TABLE } from "../../migration/engine/journal";
import type { RunOutcome } from "../../migration/engine/outcome";
import type { ProofLevel, RunSettings } from "../../migration/engine/settings";
import { azureTablesFormat } from "../../migration/stores/azureTables";
import { tableJournal } from "../../migration/stores/azureTables/journal";
import { openGrounds } from "./backend";
import type { Defect } from "./defects";
import { Faults } from "./faults";
import type { Ground } from "./ground";
import { Log, type Side } from "./log";
import { Network } from "./network";
import { journalReader, observedJournal } from "./observedJournal";
import { People } from "./people";
import { Process } from "./process";
import { Rng } from "./rng";
import type { Phase, PlannedRun, Scenario } from "./scenario";
import { Scheduler } from "./scheduler";

const START_MS = Date.UTC(2026, 0, 1);

/** A phase with faults ends within this, by the virtual clock: every retry of every request used up, and more. */
const PHASE_MS_MAX = 6 * 3_600_000;

/** One run without faults ends within this; it may have to wait for the lease of one that died. */
export const SETTLED_RUN_MS_MAX = 15 * 60_000;

const STEPS_MAX = 1_000_000;

/** By then what was late has landed, and the leases of the dead are over. */
const SETTLING_MS = 90_000;

export interface Simulated {
  readonly log: Log;
  readonly steps: number;
  readonly virtualMs: number;
}

/** Plays a scenario to its end. What it means is for checkers to say. */
export async function simulate(scenario: Scenario, defect?: Defect): Promise<Simulated> {
  const random = new Rng(scenario.seed ^ 0x51ed270b);
  const scheduler = new Scheduler(random.fork(1), START_MS);
  const grounds = await openGrounds(scenario, {
    source: () => scheduler.now() + scenario.skewMs.source,
    destination: () => scheduler.now() + scenario.skewMs.destination,
  });
  try {
    const simulation = new Simulation(scenario, defect, random, scheduler, grounds);
    await simulation.play();
    return { log: simulation.log, steps: scheduler.steps, virtualMs: scheduler.now() - START_MS };
  } finally {
    await grounds.source.close();
    await grounds.destination.close();
  }
}

type Command = (context: RunContext, settings: RunSettings) => Promise<RunOutcome>;

class Simulation {
  readonly log: Log;
  private readonly faults: Faults;
  private readonly network: Network;
  private readonly people: People;
  private readonly plans = new Map<Process, PlannedRun>();
  private readonly running = new Set<Process>();
  private processes = 0;

  constructor(
    private readonly scenario: Scenario,
    private readonly defect: Defect | undefined,
    private readonly random: Rng,
    private readonly scheduler: Scheduler,
    grounds: Readonly<Record<Side, Ground>>,
  ) {
    this.log = new Log(() => scheduler.now());
    this.faults = new Faults(scenario.faults);
    const { source, destination } = grounds;
    const { clock } = new Process("reader", scheduler, random, 0);
    const told = tableJournal(destination.store, JOURNAL_TABLE, { clock });
    const migrations = scenario.tables.map(({ table, destinationTable }) => {
      return { source: source.store.identity, table, destinationTable };
    });
    this.people = new People(scenario, scheduler, this.log, grounds);
    this.network = new Network({
      scheduler,
      log: this.log,
      faults: this.faults,
      random: random.fork(2),
      plan: scenario.network,
      grounds,
      journalled: journalReader(told, migrations, this.log),
      carriedOut: (asked, sideCall, keys) => this.people.ambush(asked, sideCall, keys),
      watch: (process, when) => this.killWhenDue(process, when),
    });
  }

  async play(): Promise<void> {
    await this.people.begin();
    for (const [at, phase] of this.scenario.phases.entries()) {
      if (!(await this.phase(phase, `phase ${at + 1}`))) return;
    }
    this.faults.off = true;
    await this.pass(SETTLING_MS);
    this.log.add({ kind: "settled" });
    if (!(await this.alone("settle-1", copyTables))) return;
    if (!(await this.alone("settle-2", copyTables))) return;
    await this.alone("proof", verifyTables);
  }

  private async phase(phase: Phase, name: string): Promise<boolean> {
    const startMs = this.scheduler.now();
    let toStart = phase.runs.length;
    for (const plan of phase.runs) {
      this.scheduler.after(plan.startMs, () => {
        toStart -= 1;
        this.start(`run-${this.processes + 1}`, copyTables, plan);
      });
    }
    const edits = this.people.edit(phase.edits);
    const over = () => toStart === 0 && this.running.size === 0 && edits.left === 0;
    if (!(await this.until(over, startMs + PHASE_MS_MAX, name))) return false;
    await this.pass(phase.pauseMs);
    return true;
  }

  private async alone(name: string, command: Command): Promise<boolean> {
    this.start(name, command, { startMs: 0 });
    return this.until(() => this.running.size === 0, this.scheduler.now() + SETTLED_RUN_MS_MAX, name);
  }

  private async until(done: () => boolean, untilMs: number, during: string): Promise<boolean> {
    const ending = await this.scheduler.run(done, { stepsMax: STEPS_MAX, untilMs });
    if (ending !== "done") this.log.add({ kind: "hung", why: ending, during });
    return ending === "done";
  }

  private async pass(ms: number): Promise<void> {
    let over = false;
    this.scheduler.after(ms, () => (over = true));
    await this.scheduler.run(() => over, { stepsMax: STEPS_MAX, untilMs: Infinity });
  }

  private start(id: string, command: Command, plan: PlannedRun): void {
    this.processes += 1;
    const process = new Process(id, this.scheduler, this.random.fork(100 + this.processes), 0);
    this.plans.set(process, plan);
    this.running.add(process);
    this.log.add({ kind: "began", by: id });
    const ended = (how: "outcome" | "error", result: { outcome?: RunOutcome; error?: unknown }) => {
      this.log.add({ kind: "ended", by: id, how, ...result });
      this.running.delete(process);
    };
    command(this.context(process), this.settings(command === verifyTables ? "full" : this.scenario.level)).then(
      (outcome) => ended("outcome", { outcome }),
      (error: unknown) => ended("error", { error }),
    );
    this.disturb(process, plan);
  }

  private disturb(process: Process, plan: PlannedRun): void {
    const { scheduler, log } = this;
    const later = (delayMs: number | undefined, fault: "stall" | "signal" | "stop", act: () => void) => {
      if (delayMs === undefined) return;
      scheduler.after(delayMs, () => {
        if (!process.alive || !this.running.has(process)) return;
        log.add({ kind: "fault", fault, by: process.id });
        act();
      });
    };
    later(plan.stall?.atMs, "stall", () => process.stall(plan.stall?.forMs ?? 0));
    later(plan.interruptMs, "signal", () => process.end.abort());
    later(plan.stopMs, "stop", () => {
      const stopper = new Process(`stop of ${process.id}`, scheduler, this.random.fork(99), 0);
      // Whoever asks may fail to reach the journal: then nobody stops.
      requestStop(this.context(stopper)).catch((error: unknown) => {
        log.add({ kind: "ended", by: stopper.id, how: "error", error });
      });
    });
  }

  private killWhenDue(process: Process, when: "before" | "after"): void {
    const kill = this.plans.get(process)?.kill;
    if (!kill || !process.alive || kill.when !== when || process.calls < kill.call || this.faults.off) return;
    process.kill();
    this.log.add({ kind: "fault", fault: "kill", by: process.id });
    this.log.add({ kind: "ended", by: process.id, how: "killed" });
    this.running.delete(process);
  }

  private context(process: Process): RunContext {
    const { log } = this;
    const destination = this.network.open(process, "destination");
    const kept = tableJournal(destination, JOURNAL_TABLE, { clock: process.clock });
    const journal = observedJournal(kept, process.id, log);
    const plain = { source: this.network.open(process, "source"), destination, journal };
    const ports = this.defect ? this.defect.install(plain, process) : plain;
    let phase = "";
    return {
      ...ports,
      format: azureTablesFormat,
      clock: process.clock,
      random: process.random.next,
      runId: process.id,
      owner: `tester of ${process.id}`,
      progress: (sample) => {
        if (sample.phase === phase) return;
        phase = sample.phase;
        log.add({ kind: "phase", by: process.id, phase, inFlight: sample.inFlight });
      },
      difference: (difference) => void log.add({ kind: "noted", by: process.id, difference }),
      signal: process.end.signal,
    };
  }

  private settings(level: ProofLevel): RunSettings {
    const { deletes, conflicts, sampleRows, concurrency } = this.scenario;
    const tables = this.scenario.tables.map(({ table, destinationTable, mode }) => {
      return { table, destinationTable, mode, renames: new Map() };
    });
    return {
      tables,
      deletes,
      conflicts,
      level,
      sampleRows,
      seed: 1,
      concurrency,
      dryRun: false,
    };
  }
}
