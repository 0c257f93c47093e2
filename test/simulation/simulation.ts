import { requestStop, type RunContext } from "../../migration/engine";
import { JOURNAL_TABLE } from "../../migration/engine/journal";
import type { RunOutcome } from "../../migration/engine/outcome";
import type { SyncSettings } from "../../migration/engine/sync/syncSettings";
import { azureTablesFormat } from "../../migration/stores/azureTables";
import { tableJournal } from "../../migration/stores/azureTables/journal";
import type { Defect } from "./defects";
import { Faults } from "./faults";
import type { Ground } from "./ground";
import { Log, type Side } from "./log";
import { Network } from "./network";
import { journalReader, observedJournal } from "./observedJournal";
import { People } from "./people";
import { Process } from "./process";
import type { Rng } from "./rng";
import type { Phase, PlannedRun, Scenario } from "./scenario";
import type { Scheduler } from "./scheduler";

/** A phase with faults ends within this, by the virtual clock: every retry of every request used up, and more. */
const PHASE_MS_MAX = 6 * 3_600_000;

/** One run without faults ends within this; it may have to wait for the lease of one that died. */
export const SETTLED_RUN_MS_MAX = 15 * 60_000;

const STEPS_MAX = 1_000_000;

/** What a process does. */
export interface Command {
  /** What a run of a live move is asked for. */
  readonly sync?: SyncSettings;
  run(context: RunContext): Promise<RunOutcome>;
}

/** Two accounts and what happens to them: processes, people, faults, time. What is played, kinds of scenarios say. */
export abstract class Simulation<S extends Scenario> {
  readonly log: Log;
  protected readonly faults: Faults;
  protected readonly people: People;
  private readonly network: Network;
  private readonly plans = new Map<Process, PlannedRun>();
  private readonly running = new Set<Process>();
  private processes = 0;

  constructor(
    protected readonly scenario: S,
    private readonly defect: Defect | undefined,
    private readonly random: Rng,
    protected readonly scheduler: Scheduler,
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
    this.people = new People(scenario, scheduler, this.log, grounds, (side) => this.sideOf(side));
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

  abstract play(): Promise<void>;

  /** The command of one planned run. */
  protected abstract command(phase: S["phases"][number], plan: PlannedRun): Command;

  /** Where people write who want to write there. */
  protected sideOf(side: Side): Side {
    return side;
  }

  protected async phase(phase: S["phases"][number], name: string): Promise<boolean> {
    const { runs, edits: planned, pauseMs }: Phase = phase;
    const startMs = this.scheduler.now();
    let toStart = runs.length;
    for (const plan of runs) {
      this.scheduler.after(plan.startMs, () => {
        toStart -= 1;
        this.start(`run-${this.processes + 1}`, this.command(phase, plan), plan);
      });
    }
    const edits = this.people.edit(planned);
    const over = () => toStart === 0 && this.running.size === 0 && edits.left === 0;
    if (!(await this.until(over, startMs + PHASE_MS_MAX, name))) return false;
    await this.pass(pauseMs);
    return true;
  }

  /** One run by itself; false where it does not end. */
  protected async alone(name: string, command: Command): Promise<boolean> {
    this.start(name, command, { startMs: 0 });
    return this.until(() => this.running.size === 0, this.scheduler.now() + SETTLED_RUN_MS_MAX, name);
  }

  protected async pass(ms: number): Promise<void> {
    let over = false;
    this.scheduler.after(ms, () => (over = true));
    await this.scheduler.run(() => over, { stepsMax: STEPS_MAX, untilMs: Infinity });
  }

  /** Hears of every run that came to its end. */
  protected ended(_outcome: RunOutcome): void {
    // Most kinds have nothing to learn from it.
  }

  private async until(done: () => boolean, untilMs: number, during: string): Promise<boolean> {
    const ending = await this.scheduler.run(done, { stepsMax: STEPS_MAX, untilMs });
    if (ending !== "done") this.log.add({ kind: "hung", why: ending, during });
    return ending === "done";
  }

  private start(id: string, command: Command, plan: PlannedRun): void {
    this.processes += 1;
    const process = new Process(id, this.scheduler, this.random.fork(100 + this.processes), plan.skewMs ?? 0);
    this.plans.set(process, plan);
    this.running.add(process);
    this.log.add({ kind: "began", by: id, ...(command.sync ? { sync: command.sync } : {}) });
    const ended = (how: "outcome" | "error", result: { outcome?: RunOutcome; error?: unknown }) => {
      this.log.add({ kind: "ended", by: id, how, ...result });
      this.running.delete(process);
    };
    command.run(this.context(process)).then(
      (outcome) => {
        ended("outcome", { outcome });
        this.ended(outcome);
      },
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
}
