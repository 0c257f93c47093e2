import { copyTables, verifyTables } from "../../migration/engine";
import type { ProofLevel, RunSettings } from "../../migration/engine/settings";
import type { Defect } from "./defects";
import type { Simulated } from "./kind";
import { playOn } from "./playOn";
import type { Scenario } from "./scenario";
import { type Command, Simulation } from "./simulation";

/** By then what was late has landed, and the leases of the dead are over. */
export const SETTLING_MS = 90_000;

/** Plays a scenario to its end. What it means is for checkers to say. */
export function simulate(scenario: Scenario, defect?: Defect): Promise<Simulated> {
  return playOn(scenario, (...world) => new CopySimulation(scenario, defect, ...world));
}

/** Copies, again and again, while others write on both sides; then in peace, and a proof. */
class CopySimulation extends Simulation<Scenario> {
  async play(): Promise<void> {
    await this.people.begin();
    for (const [at, phase] of this.scenario.phases.entries()) {
      if (!(await this.phase(phase, `phase ${at + 1}`))) return;
    }
    this.faults.off = true;
    await this.pass(SETTLING_MS);
    this.log.add({ kind: "settled" });
    const copy = this.command();
    if (!(await this.alone("settle-1", copy))) return;
    if (!(await this.alone("settle-2", copy))) return;
    await this.alone("proof", { run: (context) => verifyTables(context, this.settings("full")) });
  }

  protected command(): Command {
    return { run: (context) => copyTables(context, this.settings(this.scenario.level)) };
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
