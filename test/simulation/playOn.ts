import { openGrounds } from "./backend";
import type { Ground } from "./ground";
import type { Side } from "./log";
import type { Simulated } from "./kind";
import { Rng } from "./rng";
import type { Scenario } from "./scenario";
import { Scheduler } from "./scheduler";
import type { Simulation } from "./simulation";

const START_MS = Date.UTC(2026, 0, 1);

type World = readonly [random: Rng, scheduler: Scheduler, grounds: Readonly<Record<Side, Ground>>];

/** Opens accounts and a clock for a scenario, plays it there, and closes them. */
export async function playOn<S extends Scenario>(
  scenario: S,
  begin: (...world: World) => Simulation<S>,
): Promise<Simulated> {
  const random = new Rng(scenario.seed ^ 0x51ed270b);
  const scheduler = new Scheduler(random.fork(1), START_MS);
  const grounds = await openGrounds(scenario, {
    source: () => scheduler.now() + scenario.skewMs.source,
    destination: () => scheduler.now() + scenario.skewMs.destination,
  });
  try {
    const simulation = begin(random, scheduler, grounds);
    await simulation.play();
    return { log: simulation.log, steps: scheduler.steps, virtualMs: scheduler.now() - START_MS };
  } finally {
    await grounds.source.close();
    await grounds.destination.close();
  }
}
