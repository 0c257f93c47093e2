import type { Defect } from "./defects";
import type { Kind } from "./kind";
import type { Phase, PlannedRun, Scenario, SimulatedTable } from "./scenario";

/** Simulations that a shrinking may take. */
const TRIALS_MAX = 600;

/** Whether a scenario still shows what is looked for. */
type Fails<S> = (scenario: S) => Promise<boolean>;

/**
 * The smallest scenario found in which the checker still finds something: phases, faults, ambushes, edits, rows and
 * tables are left out while it does. Still a whole scenario, so it replays to the same trace.
 */
export async function shrink<S extends Scenario>(
  kind: Kind<S>,
  scenario: S,
  checker: string,
  defect?: Defect,
): Promise<S> {
  let trials = 0;
  const fails: Fails<S> = async (candidate) => {
    trials += 1;
    if (trials > TRIALS_MAX) return false;
    const { log } = await kind.simulate(candidate, defect);
    return kind.judge(candidate, log).some((one) => one.checker === checker);
  };
  let smallest = scenario;
  for (let before = ""; before !== JSON.stringify(smallest) && trials < TRIALS_MAX; ) {
    before = JSON.stringify(smallest);
    for (const step of STEPS) smallest = await step(smallest, fails);
  }
  return smallest;
}

type Step = <S extends Scenario>(scenario: S, fails: Fails<S>) => Promise<S>;

/** Leaves out as much of a list as possible: first halves, then quarters, in the end single items. */
async function without<T>(
  items: readonly T[],
  fails: (kept: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let kept = items;
  for (let size = Math.max(1, Math.ceil(kept.length / 2)); kept.length > 0; size = Math.floor(size / 2)) {
    for (let at = 0; at < kept.length; ) {
      const fewer = [...kept.slice(0, at), ...kept.slice(at + size)];
      if (await fails(fewer)) kept = fewer;
      else at += size;
    }
    if (size <= 1) break;
  }
  return kept;
}

const phases: Step = async (scenario, fails) => ({
  ...scenario,
  phases: await without(scenario.phases, (kept) => fails({ ...scenario, phases: kept })),
});

const faults: Step = async (scenario, fails) => ({
  ...scenario,
  faults: await without(scenario.faults, (kept) => fails({ ...scenario, faults: kept })),
});

const ambushes: Step = async (scenario, fails) => ({
  ...scenario,
  ambushes: await without(scenario.ambushes, (kept) => fails({ ...scenario, ambushes: kept })),
});

const withinPhases: Step = async (scenario, fails) => {
  let current = scenario;
  for (const at of scenario.phases.keys()) {
    const replaced = (phase: Phase) => ({ ...current, phases: current.phases.with(at, phase) });
    const phase = () => current.phases[at] as Phase;
    const edits = await without(phase().edits, (kept) => fails(replaced({ ...phase(), edits: kept })));
    current = replaced({ ...phase(), edits });
    const runs = await without(phase().runs, (kept) => fails(replaced({ ...phase(), runs: kept })));
    current = replaced({ ...phase(), runs });
    for (const index of runs.keys()) {
      for (const name of ["kill", "stall", "interruptMs", "stopMs", "skewMs"] as const) {
        const { [name]: disturbance, ...calmer } = phase().runs[index] as PlannedRun;
        const candidate = replaced({ ...phase(), runs: phase().runs.with(index, calmer) });
        if (disturbance !== undefined && (await fails(candidate))) current = candidate;
      }
    }
  }
  return current;
};

const rows: Step = async (scenario, fails) => {
  let current = scenario;
  for (const at of scenario.tables.keys()) {
    const table = current.tables[at] as SimulatedTable;
    const replaced = (kept: SimulatedTable["rows"]) => ({
      ...current,
      tables: current.tables.with(at, { ...table, rows: kept }),
    });
    current = replaced(await without(table.rows, (kept) => fails(replaced(kept))));
  }
  return current;
};

/** The scenario without one of its tables; edits of the others follow them to their new places. */
function withoutTable<S extends Scenario>(scenario: S, at: number): S {
  const kept = scenario.tables.filter((_, place) => place !== at);
  const phasesOf = scenario.phases.map((phase) => ({
    ...phase,
    edits: phase.edits
      .filter(({ table }) => table !== at)
      .map((edit) => ({ ...edit, table: edit.table > at ? edit.table - 1 : edit.table })),
  }));
  return { ...scenario, tables: kept, phases: phasesOf };
}

const tables: Step = async (scenario, fails) => {
  let current = scenario;
  for (let at = scenario.tables.length - 1; at >= 0 && current.tables.length > 1; at -= 1) {
    const fewer = withoutTable(current, at);
    if (await fails(fewer)) current = fewer;
  }
  return current;
};

const calm: Step = async (scenario, fails) => {
  let current = scenario;
  const { network } = scenario;
  const calmer: readonly Partial<Scenario>[] = [
    { backend: "memory" },
    { skewMs: { source: 0, destination: 0 } },
    { network: { ...network, spikeChance: 0 } },
    { network: { ...network, spikeChance: 0, latencyMsMin: 1, latencyMsMax: 1 } },
    { concurrency: 1 },
  ];
  for (const change of calmer) {
    const candidate = { ...current, ...change };
    const same = JSON.stringify(candidate) === JSON.stringify(current);
    if (!same && (await fails(candidate))) current = candidate;
  }
  return current;
};

const STEPS: readonly Step[] = [phases, tables, faults, ambushes, withinPhases, rows, calm];
