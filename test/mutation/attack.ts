import type { RowFormat } from "../../migration/engine/rowFormat";
import { Arena } from "./arena";
import { Chance } from "./chance";
import { drawOne, drawSeveral, drawSide } from "./draw";
import { expectedOf, judge } from "./judge";
import { RESPELLINGS } from "./kinds/respellings";
import { attackCheaperLevels, type LevelLine } from "./levels";
import { referenceTable } from "./reference";
import { entityText } from "./row";
import { Tally } from "./tally";
import { World } from "./world";

export interface AttackOptions {
  readonly seed: number;
  /** Single mutations, each judged alone. */
  readonly mutations: number;
  readonly respellings: number;
  /** Rounds of several mutations at once. */
  readonly rounds: number;
  /** Mutations under each of the cheaper levels. */
  readonly cheaper: number;
  /** What compares rows; tests put a worse one in. */
  readonly format?: RowFormat;
}

export interface AttackResult {
  readonly options: AttackOptions;
  readonly single: Tally;
  readonly several: Tally;
  readonly respelt: Tally;
  readonly levels: readonly LevelLine[];
  /** Attacks that were read from pages made by hand. */
  readonly canned: number;
  readonly tables: number;
  readonly durationMs: number;
}

/** Attacks that share a table; each is undone before the next. */
const ATTACKS_PER_TABLE = 100;
/** One table in so many holds one of the zoo's large animals. */
const LARGE_EVERY = 50;
/** Of the mutations that the service can hold, so many are read from pages made by hand all the same. */
const CANNED_SHARE = 0.1;

type Once = (arena: Arena, turn: number, chance: Chance, tally: Tally) => Promise<void>;

const single: Once = async (arena, turn, chance, tally) => {
  const [kind, changes] = drawOne(arena.rows, turn, chance);
  const side = drawSide(chance);
  const look = () => arena.world.verify(arena.table);
  const byHand = kind.canned === true || chance.often(CANNED_SHARE);
  const held = byHand ? undefined : await arena.held(side, changes, look);
  const verified = held ?? (await arena.canned(side, changes, look));
  tally.add(kind.name, judge(expectedOf(changes, side), verified, arena.table), () =>
    `${side} ${JSON.stringify(changes).slice(0, 2_000)}`);
};

const several: Once = async (arena, turn, chance, tally) => {
  const changes = drawSeveral(arena.rows, turn, chance);
  const side = drawSide(chance);
  const look = () => arena.world.verify(arena.table);
  const verified = (await arena.held(side, changes, look)) ?? (await arena.canned(side, changes, look));
  tally.add("2 to 8 at once", judge(expectedOf(changes, side), verified, arena.table), () =>
    `${side} ${JSON.stringify(changes).slice(0, 4_000)}`);
};

const respelt: Once = async (arena, turn, chance, tally) => {
  for (let n = 0; n < RESPELLINGS.length; n++) {
    const one = RESPELLINGS[(turn + n) % RESPELLINGS.length];
    const texts = arena.rows.map((row) => one?.spell(row, chance));
    if (one === undefined || texts.every((text) => text === undefined)) continue;
    const side = drawSide(chance);
    const entities = arena.rows.map((row, i) => texts[i] ?? entityText(row));
    const verified = await arena.spelt(side, entities, () => arena.world.verify(arena.table));
    tally.add(one.name, judge([], verified, arena.table), () => `${side} ${entities.join("\n").slice(0, 4_000)}`);
    return;
  }
};

/** What went wrong, for people; empty: verification held. */
export function failuresOf({ single, several, respelt, levels }: AttackResult): readonly string[] {
  const tallies = [single, several, respelt].flatMap(({ failures }) => failures);
  return [...tallies, ...levels.flatMap(({ name, lies }) => lies.map((lie) => `${name}: ${lie}`))];
}

/** Every attack of the seed, one after the other. */
export async function attack(options: AttackOptions): Promise<AttackResult> {
  const startedAtMs = Date.now();
  const chance = new Chance(options.seed);
  const tallies = { single: new Tally(), several: new Tally(), respelt: new Tally() };
  const world = new World(options.format);
  await world.open();
  let canned = 0;
  let tables = 0;
  const fresh = () => {
    tables += 1;
    return new Arena(world, `Zoo${tables}`, referenceTable(chance, tables % LARGE_EVERY === 0));
  };
  const repeat = async (times: number, once: Once, tally: Tally) => {
    for (let done = 0; done < times; ) {
      const arena = fresh();
      const end = Math.min(times, done + ATTACKS_PER_TABLE);
      for (; done < end; done++) await once(arena, done, chance, tally);
      // Everything was taken back: both sides are equal again, or the attacks after the first meant nothing.
      const still = judge([], await world.verify(arena.table), arena.table);
      if (!still.verdict || still.falseAlarms.length > 0) throw new Error(`${arena.table} was not put back.`);
      canned += arena.cannedCount;
      world.empty(arena.table);
    }
  };
  try {
    await repeat(options.mutations, single, tallies.single);
    await repeat(options.rounds, several, tallies.several);
    await repeat(options.respellings, respelt, tallies.respelt);
    const levels = await attackCheaperLevels(fresh, options.cheaper, chance);
    return { options, ...tallies, levels, canned, tables, durationMs: Date.now() - startedAtMs };
  } finally {
    await world.close();
  }
}
