import { syncTables } from "../../../migration/engine";
import type { RunOutcome } from "../../../migration/engine/outcome";
import type { RunSettings } from "../../../migration/engine/settings";
import { type Phase, PHASES } from "../../../migration/engine/sync/syncRecord";
import type { SyncSettings } from "../../../migration/engine/sync/syncSettings";
import type { Defect } from "../defects";
import type { Simulated } from "../kind";
import type { Side } from "../log";
import { playOn } from "../playOn";
import { SETTLING_MS } from "../simulate";
import { type Command, Simulation } from "../simulation";
import type { LivePhase, LiveRun, LiveScenario } from "./scenario";

/** Plays a move without downtime to its end. What it means is for checkers to say. */
export function simulate(scenario: LiveScenario, defect?: Defect): Promise<Simulated> {
  return playOn(scenario, (...world) => new LiveSimulation(scenario, defect, ...world));
}

const MINUTE_MS = 60_000;

class LiveSimulation extends Simulation<LiveScenario> {
  /** The application writes the destination now. */
  private moved = false;

  async play(): Promise<void> {
    await this.people.begin();
    for (const [at, phase] of this.scenario.phases.entries()) {
      if (!(await this.phase(phase, `phase ${at + 1}`))) return;
    }
    this.faults.off = true;
    await this.pass(SETTLING_MS);
    this.log.add({ kind: "settled" });
    await this.settle();
  }

  protected command({ asks, reconcile }: LivePhase, run: LiveRun): Command {
    return this.asking({ phase: run.asks ?? asks, reconcile });
  }

  protected override sideOf(side: Side): Side {
    return this.moved ? side : "source";
  }

  protected override ended({ tables }: RunOutcome): void {
    const far = tables.every(({ sync }) => sync !== undefined && sync.phase !== "sync");
    if (!far) return;
    this.scheduler.after(this.scenario.moveMs, () => (this.moved = true));
  }

  /** Nothing is broken and nobody writes any more: from wherever the move stands, on to its end. */
  private async settle(): Promise<void> {
    const { decision, quietMinutes } = this.scenario;
    const decided = { lateConflicts: decision };
    if (this.stands("first") < 1 && this.stands("last") < 1) {
      if (!(await this.settled("settle-sync", { phase: "sync" }))) return;
    }
    if (this.stands("first") < 1 && !(await this.settled("settle-switch", { phase: "switched" }))) return;
    if (this.stands("last") < 2) {
      if (!(await this.settled("settle-late", { phase: "switched", reconcile: true }))) return;
      if (!(await this.settled("settle-decide", { phase: "switched", reconcile: true, ...decided }))) return;
    }
    if (!(await this.settled("settle-look", { phase: "drained", ...decided }))) return;
    await this.pass((quietMinutes + 1) * MINUTE_MS);
    if (!(await this.settled("settle-drain", { phase: "drained", ...decided }))) return;
    if (!(await this.settled("settle-done", { phase: "done" }))) return;
    await this.settled("settle-over", { phase: "done" });
  }

  private settled(name: string, asked: Pick<SyncSettings, "phase"> & Partial<SyncSettings>): Promise<boolean> {
    return this.alone(name, this.asking(asked));
  }

  /** How far the table that has come least far, or farthest, has come: a place in `PHASES`, -1 before the first. */
  private stands(which: "first" | "last"): number {
    const phases = new Map<string, Phase | undefined>(this.scenario.tables.map(({ table }) => [table, undefined]));
    for (const { table, sync } of this.log.of("recorded")) phases.set(table, sync?.phase);
    const places = [...phases.values()].map((phase) => (phase === undefined ? -1 : PHASES.indexOf(phase)));
    return which === "first" ? Math.min(...places) : Math.max(...places);
  }

  private asking(asked: Pick<SyncSettings, "phase"> & Partial<SyncSettings>): Command {
    const { reconcileEveryHours, quietMinutes, lateConflicts } = this.scenario;
    const sync = { reconcile: false, reconcileEveryHours, quietMinutes, lateConflicts, ...asked };
    return { sync, run: (context) => syncTables(context, this.settings(), sync) };
  }

  private settings(): RunSettings {
    const { deletes, conflicts, sampleRows, concurrency, level } = this.scenario;
    const tables = this.scenario.tables.map(({ table, destinationTable, mode, renames = {} }) => {
      return { table, destinationTable, mode, renames: new Map(Object.entries(renames)) };
    });
    return { tables, deletes, conflicts, level, sampleRows, seed: 1, concurrency, dryRun: false };
  }
}
