import { type Fault, FAULT_KINDS } from "./faults";
import type { Side } from "./log";
import { Rng } from "./rng";
import type { Ambush, Edit, Network, Phase, PlannedRun, Scenario, SimulatedTable, StartRow } from "./scenario";
import { keysOf, oddMembers, type Shape } from "./values";

const NAMES = ["Cities", "Orders", "zoo9"] as const;

/** One seed in this many goes over the simulated service and the real adapter; a row over HTTP costs real time. */
const SERVICE_EVERY = 40;

/** One seed in this many has a table of several thousand rows. */
const LARGE_EVERY = 100;

/** Rows of a table at most, for seeds over the service. */
const SERVICE_ROWS_MAX = 60;

/** The scenario of a seed. Parts draw from choices of their own, so that a change to one leaves the others alone. */
export function scenarioOf(seed: number): Scenario {
  const random = new Rng(seed);
  const backend = seed % SERVICE_EVERY === SERVICE_EVERY - 1 ? "service" : "memory";
  const large = seed % LARGE_EVERY === LARGE_EVERY - 1 && backend === "memory";
  const rowsMax = backend === "service" ? SERVICE_ROWS_MAX : Infinity;
  const tables = tablesOf(random.fork(1), large, rowsMax);
  const rows = tables.reduce((sum, table) => sum + table.rows.length, 0);
  const network = networkOf(random.fork(2), large);
  const callsAbout = Math.ceil(60 + (4 * rows) / Math.min(network.pageRowsMax, 100));
  const choices = random.fork(3);
  return {
    seed,
    backend,
    tables,
    deletes: choices.pick(["report", "propagate", "propagate", "accept"] as const),
    conflicts: choices.pick(["refuse", "refuse", "overwrite"] as const),
    level: choices.pick(["full", "full", "full", "sample", "count", "none"] as const),
    concurrency: choices.pick([1, 2, 3, 4, 8, 16]),
    sampleRows: choices.int(1, 20),
    skewMs: { source: skewOf(choices), destination: skewOf(choices) },
    network,
    faults: faultsOf(random.fork(4), callsAbout),
    ambushes: ambushesOf(random.fork(6), callsAbout),
    phases: phasesOf(random.fork(5), tables, callsAbout),
  };
}

function skewOf(random: Rng): number {
  return random.chance(0.5) ? 0 : random.int(-600_000, 600_000);
}

function tablesOf(random: Rng, large: boolean, rowsMax: number): readonly SimulatedTable[] {
  const count = large ? 1 : random.pick([1, 1, 1, 2, 3]);
  return NAMES.slice(0, count).map((table) => {
    const shape: Shape = large ? random.pick(["one", "few"]) : random.pick(["one", "few", "each", "odd", "odd"]);
    const most = random.pick([8, 25, 40, 120]);
    const rowsCount = large ? random.int(2_500, 6_500) : Math.min(rowsMax, random.int(0, most));
    const keys = keysOf(random, shape, rowsCount + random.int(1, 10));
    return {
      table,
      destinationTable: random.chance(0.2) ? `Moved${table}` : table,
      mode: random.pick(["replace", "replace", "merge"] as const),
      keys,
      rows: keys.slice(0, rowsCount).map((_, key) => startRow(random, key, large)),
    };
  });
}

function startRow(random: Rng, key: number, large: boolean): StartRow {
  const chance = random.next();
  const where = chance < 0.85 ? "source" : chance < 0.93 ? "both" : chance < 0.97 ? "destination" : "differing";
  return { key, where, members: large ? '"n":1' : oddMembers(random, 0.002) };
}

function networkOf(random: Rng, large: boolean): Network {
  const latencyMsMin = random.pick([0, 1, 5, 20]);
  return {
    latencyMsMin,
    latencyMsMax: latencyMsMin + random.pick([0, 5, 50, 200]),
    spikeChance: random.pick([0, 0.02, 0.1]),
    spikeMsMax: random.pick([500, 3_000]),
    pageRowsMax: large ? random.pick([500, 1_000]) : random.pick([3, 10, 50, 1_000]),
  };
}

function faultsOf(random: Rng, callsAbout: number): readonly Fault[] {
  const count = random.pick([0, random.int(1, 5), random.int(3, 15), random.int(10, 40)]);
  return Array.from({ length: count }, () => ({
    side: random.pick<Side>(["source", "destination", "destination"]),
    call: random.int(1, 3 * callsAbout),
    times: random.chance(0.15) ? random.int(2, 8) : 1,
    kind: random.pick(FAULT_KINDS),
    delayMs: random.pick([0, random.int(1, 100), random.int(100, 5_000), random.int(1_000, 30_000)]),
  }));
}

function ambushesOf(random: Rng, callsAbout: number): readonly Ambush[] {
  const count = random.pick([0, 0, random.int(1, 5), random.int(5, 20)]);
  return Array.from({ length: count }, () => ({
    side: random.pick<Side>(["source", "source", "destination"]),
    call: random.int(1, 3 * callsAbout),
    row: random.int(0, 100),
    ...(random.chance(0.8) && { members: oddMembers(random, 0) }),
  }));
}

function phasesOf(random: Rng, tables: readonly SimulatedTable[], callsAbout: number): readonly Phase[] {
  return Array.from({ length: random.int(1, 4) }, () => {
    const two = random.chance(0.15);
    const runs = Array.from({ length: two ? 2 : 1 }, (_, at) => runOf(random, callsAbout, at));
    const edits = random.chance(0.3) ? 0 : random.int(1, 15);
    return {
      runs,
      edits: Array.from({ length: edits }, () => editOf(random, tables)).sort((a, b) => a.atMs - b.atMs),
      pauseMs: random.pick([0, 1_500, random.int(0, 60_000)]),
    };
  });
}

function runOf(random: Rng, callsAbout: number, at: number): PlannedRun {
  const when = random.pick(["before", "after"] as const);
  return {
    startMs: at === 0 ? 0 : random.pick([0, random.int(0, 3_000), random.int(0, 60_000)]),
    ...(random.chance(0.4) && { kill: { call: random.int(1, callsAbout), when } }),
    ...(random.chance(0.1) && { stall: { atMs: random.int(0, 5_000), forMs: random.int(1_000, 120_000) } }),
    ...(random.chance(0.05) && { interruptMs: random.int(0, 5_000) }),
    ...(random.chance(0.05) && { stopMs: random.int(0, 5_000) }),
  };
}

function editOf(random: Rng, tables: readonly SimulatedTable[]): Edit {
  const table = random.int(0, tables.length - 1);
  const keys = (tables[table] as SimulatedTable).keys.length;
  const members = random.chance(0.3) ? {} : { members: oddMembers(random, 0) };
  return {
    atMs: random.pick([0, random.int(0, 2_000), random.int(0, 10_000)]),
    side: random.chance(0.75) ? "source" : "destination",
    table,
    key: random.int(0, keys - 1),
    ...members,
  };
}
