import type { Defect } from "./defects";
import type { Log } from "./log";
import type { Violation } from "./model";
import type { Scenario } from "./scenario";

export interface Simulated {
  readonly log: Log;
  readonly steps: number;
  readonly virtualMs: number;
}

/** One kind of scenario: how a seed becomes one, how it is played, and who judges it. */
export interface Kind<S extends Scenario = Scenario> {
  readonly name: string;
  readonly checkers: readonly { readonly name: string }[];
  readonly defects: readonly Defect[];
  scenarioOf(seed: number): S;
  simulate(scenario: S, defect?: Defect): Promise<Simulated>;
  /** Every checker's word on one simulation. */
  judge(scenario: S, log: Log): readonly Violation[];
  /** The scenario as people read it. */
  scheduleText(scenario: S): string;
}
