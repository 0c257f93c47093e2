import type { Phase as SyncPhase } from "../../../migration/engine/sync/syncRecord";
import type { RowKey } from "../../../migration/engine/row";
import { type Fault, FAULT_KINDS } from "../faults";
import type { Side } from "../log";
import { Rng } from "../rng";
import type { Ambush, Edit, Network, SimulatedTable } from "../scenario";
import { oddMembers } from "../values";
import type { LivePhase, LiveRun, LiveScenario } from "./scenario";

const NAMES = ["Cities", "Orders"] as const;

/** Names that belong to Cosmos DB itself, or that only case tells apart, in the spellings that the values below use. */
const RENAMES: Readonly<Record<string, string>> = Object.fromEntries(
  ["id", "Id", "rid", "etag", "ResourceId", "resourceid", "A"].map((name) => [name, `own_${name}`]),
);

/** What stumbles over names: of the system, of Cosmos DB, and of each other, but for the case of a letter. */
const NAMES_THAT_TRIP = [
  '"rowkey":"elsewhere"', '"partitionkey":"elsewhere","n":1', '"rowKey":7', '"timestamp":"x"', '"a":1,"A":2',
  '"id":"x"', '"id":1,"n":2', '"etag":"x"', '"rid":"x"', '"ResourceId":"x","n":1',
] as const;

const PLAIN = ['"n":1', '"n":2.5', '"n":"x"', '"n":true,"m":"y"', ""] as const;

/** Legal in both services; some differ by case only. */
const PARTITIONS = ["p", "P", "q", "a'b", "%41"] as const;
const ROW_KEYS = ["a", "A", "b", "B", "a'b", "%2F", "ä", "Ä", "0", "00", "z z", "segment-1"] as const;

/** The scenario of a seed. Parts draw from choices of their own, so that a change to one leaves the others alone. */
export function scenarioOf(seed: number): LiveScenario {
  const random = new Rng(seed ^ 0x2f6b);
  const choices = random.fork(3);
  const renaming = choices.chance(0.5);
  const tables = tablesOf(random.fork(1), renaming);
  const network = networkOf(random.fork(2));
  const callsAbout = 40 + 4 * tables.reduce((sum, { rows }) => sum + rows.length, 0);
  return {
    seed,
    backend: "memory",
    ...(renaming && choices.chance(0.5) ? { cosmos: true } : {}),
    tables,
    deletes: "propagate",
    conflicts: "refuse",
    level: "none",
    concurrency: choices.pick([1, 2, 4, 8]),
    sampleRows: 1,
    skewMs: { source: skewOf(choices), destination: skewOf(choices) },
    lateConflicts: choices.pick(["report", "report", "source-wins", "destination-wins"] as const),
    decision: choices.pick(["source-wins", "destination-wins"] as const),
    reconcileEveryHours: choices.pick([1, 24]),
    quietMinutes: choices.pick([0, 1, 15]),
    moveMs: choices.pick([0, choices.int(0, 5_000), choices.int(0, 60_000)]),
    network,
    faults: faultsOf(random.fork(4), callsAbout),
    ambushes: ambushesOf(random.fork(6), callsAbout),
    phases: phasesOf(random.fork(5), tables, callsAbout),
  };
}

function skewOf(random: Rng): number {
  return random.chance(0.4) ? 0 : random.int(-600_000, 600_000);
}

function tablesOf(random: Rng, renaming: boolean): readonly SimulatedTable[] {
  return NAMES.slice(0, random.pick([1, 1, 1, 1, 2])).map((table) => {
    const rowsCount = random.int(0, random.pick([3, 8, 8, 20]));
    const keys = keysOf(random, rowsCount + random.int(1, 5));
    return {
      table,
      destinationTable: random.chance(0.2) ? `Moved${table}` : table,
      mode: "replace",
      keys,
      rows: keys.slice(0, rowsCount).map((_, key) => ({ key, where: "source", members: membersOf(random, renaming) })),
      ...(renaming ? { renames: RENAMES } : {}),
    };
  });
}

function keysOf(random: Rng, count: number): readonly RowKey[] {
  const keys = new Map<string, RowKey>();
  while (keys.size < count) {
    const key = { partitionKey: random.pick(PARTITIONS), rowKey: random.pick(ROW_KEYS) };
    keys.set(JSON.stringify(key), key);
  }
  return [...keys.values()];
}

/** `tripping`: with names that the other service would refuse unless they are renamed. */
function membersOf(random: Rng, tripping: boolean): string {
  if (tripping) return random.pick([random.pick(PLAIN), random.pick(NAMES_THAT_TRIP), oddMembers(random, 0)]);
  return random.pick([random.pick(PLAIN), random.pick(PLAIN), NAMES_THAT_TRIP[random.int(0, 4)] as string]);
}

function networkOf(random: Rng): Network {
  const latencyMsMin = random.pick([0, 1, 5, 20]);
  return {
    latencyMsMin,
    latencyMsMax: latencyMsMin + random.pick([0, 5, 50, 200]),
    spikeChance: random.pick([0, 0.02, 0.1]),
    spikeMsMax: random.pick([500, 3_000]),
    pageRowsMax: random.pick([2, 3, 10, 1_000]),
  };
}

function faultsOf(random: Rng, callsAbout: number): readonly Fault[] {
  const count = random.pick([0, random.int(1, 4), random.int(2, 10), random.int(5, 20)]);
  return Array.from({ length: count }, () => ({
    side: random.pick<Side>(["source", "destination", "destination"]),
    call: random.int(1, 4 * callsAbout),
    times: random.chance(0.1) ? random.int(2, 5) : 1,
    kind: random.pick(FAULT_KINDS),
    delayMs: random.pick([0, random.int(1, 100), random.int(100, 5_000), random.int(1_000, 30_000)]),
  }));
}

function ambushesOf(random: Rng, callsAbout: number): readonly Ambush[] {
  const count = random.pick([0, random.int(1, 5), random.int(3, 12)]);
  return Array.from({ length: count }, () => ({
    side: random.pick<Side>(["source", "destination", "destination"]),
    call: random.int(1, 4 * callsAbout),
    row: random.int(0, 20),
    ...(random.chance(0.75) && { members: membersOf(random, false) }),
  }));
}

const PLANS: readonly (readonly SyncPhase[])[] = [
  ["sync", "switched", "switched"],
  ["sync", "sync", "switched", "switched", "drained"],
  ["sync", "sync", "sync", "switched", "switched"],
  ["sync", "switched", "switched", "switched", "drained", "drained"],
];

function phasesOf(random: Rng, tables: readonly SimulatedTable[], callsAbout: number): readonly LivePhase[] {
  return random.pick(PLANS).map((asks) => {
    const two = random.chance(asks === "switched" ? 0.2 : 0.1);
    const runs = Array.from({ length: two ? 2 : 1 }, (_, at) => runOf(random, callsAbout, at, asks));
    const edits = random.chance(0.1) ? 0 : random.int(1, 8);
    return {
      asks,
      reconcile: random.chance(asks === "switched" ? 0.4 : 0.15),
      runs,
      edits: Array.from({ length: edits }, () => editOf(random, tables, asks)).sort((a, b) => a.atMs - b.atMs),
      pauseMs: random.pick([0, random.int(0, 60_000), random.int(60_000, 1_200_000), random.int(0, 7_200_000)]),
    };
  });
}

/** What came before: a timer that nobody has set anew may still ask for it. */
const BEFORE = { sync: "sync", switched: "sync", drained: "switched", done: "drained" } as const;

function runOf(random: Rng, callsAbout: number, at: number, asks: SyncPhase): LiveRun {
  const when = random.pick(["before", "after"] as const);
  return {
    ...(at > 0 && random.chance(0.5) && { asks: BEFORE[asks] }),
    startMs: at === 0 ? random.pick([0, 0, random.int(0, 10_000)]) : random.int(0, 10_000),
    skewMs: skewOf(random),
    ...(random.chance(0.3) && { kill: { call: random.int(1, callsAbout), when } }),
    ...(random.chance(0.1) && { stall: { atMs: random.int(0, 2_000), forMs: random.int(1_000, 600_000) } }),
    ...(random.chance(0.05) && { interruptMs: random.int(0, 2_000) }),
    ...(random.chance(0.05) && { stopMs: random.int(0, 2_000) }),
  };
}

/** After the switch, how much of what is written still goes to the source. */
const LATE_CHANCE: Readonly<Record<SyncPhase, number>> = { sync: 1, switched: 0.5, drained: 0.15, done: 0 };

function editOf(random: Rng, tables: readonly SimulatedTable[], asks: SyncPhase): Edit {
  const table = random.int(0, tables.length - 1);
  const { keys, renames } = tables[table] as SimulatedTable;
  const late = random.chance(LATE_CHANCE[asks]);
  const members = random.chance(0.3) ? {} : { members: membersOf(random, late && renames !== undefined) };
  return {
    atMs: random.pick([0, random.int(0, 500), random.int(0, 3_000), random.int(0, 60_000), random.int(0, 1_200_000)]),
    side: late ? "source" : "destination",
    table,
    key: random.int(0, keys.length - 1),
    ...members,
  };
}
