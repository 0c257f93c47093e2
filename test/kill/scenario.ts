import { Chance } from "../mutation/chance";
import { checkEnd, readAgainOf, reReadOf, rewritten } from "./checks";
import { FILE_OPTIONS, filesIn } from "./files";
import { describeMoment, type Life, type Moment, momentAt } from "./moment";
import type { Progress } from "./progress";
import { leasesOf, RunWatch, type Watched } from "./run";
import { changeSource, seed, seedForeign, type Sizes, TABLES } from "./tables";
import { DESTINATION } from "./watchedService";
import { KillWorld } from "./world";

/** Where in its life a process was when it died. */
export const PHASES = ["starting", "looking", "copying", "verifying", "ending"] as const;
export type Phase = (typeof PHASES)[number];

export interface Kill {
  readonly phase: Phase;
  readonly moment: string;
  /** It was itself a run that went on where another had died. */
  readonly resumed: boolean;
  /** What people did to the source before the next run. */
  readonly changes: string | undefined;
  readonly partials: number;
  /** By the run that followed: rows read again although the journal called them acknowledged, over all tables. */
  reRead: number;
  /** By the run that followed: rows that the dead one had read and nobody had acknowledged; the most a range. */
  readAgain: number;
}

export interface Result {
  readonly seed: number;
  readonly kills: readonly Kill[];
  readonly problems: readonly string[];
  /** Rows that had arrived, did not change in the source, and were written again all the same. */
  readonly rewritten: number;
  readonly durationMs: number;
}

export interface Plan {
  readonly seed: number;
  /** Where in the life of the first run it is killed, 0 to 1. */
  readonly at: number;
  readonly sizes: Sizes;
  readonly life: Life;
}

const FOREIGN_ROWS = 300;
/** Of the scenarios, so many have rows of somebody else in the destination, which are listed as differences. */
const FOREIGN_SHARE = 0.3;
const CHANGES_SHARE = 0.5;
/** After a kill, another run is killed, too. */
const AGAIN_SHARE = 0.35;
const KILLS_MAX = 3;

function argumentsOf(foreign: boolean): readonly string[] {
  return ["copy", "--all", "--deletes", foreign ? "accept" : "propagate", ...FILE_OPTIONS];
}

/** An uninterrupted run: how long a life is. */
export async function measureLife(sizes: Sizes): Promise<Life> {
  const world = await KillWorld.open();
  try {
    seed(world.service.account("contoso"), sizes);
    const watched = await launch(world, false, world.folder(), undefined);
    if (watched.finished.code !== 0) throw new Error(`A run that nobody disturbed failed: ${watched.finished.stderr}`);
    return { requests: watched.requests, firstRequestMs: watched.firstRequestMs ?? 0 };
  } finally {
    await world.close();
  }
}

async function launch(world: KillWorld, foreign: boolean, cwd: string, moment: Moment | undefined): Promise<Watched> {
  const started = world.start(argumentsOf(foreign), cwd);
  const watch = new RunWatch(world.service, started, moment, (table) => world.progress(table));
  world.service.restart(watch);
  return watch.over();
}

type Journalled = ReadonlyMap<string, Progress>;

async function journalled(world: KillWorld): Promise<Journalled> {
  const found = new Map<string, Progress>();
  for (const table of TABLES) {
    const progress = await world.progress(table);
    if (progress !== undefined) found.set(table, progress);
  }
  return found;
}

function phaseOf(world: KillWorld, watched: Watched, journal: Journalled): Phase {
  if (watched.requests === 0) return "starting";
  if (!watched.heldLease) return "looking";
  const done = TABLES.every((table) => journal.get(table)?.complete === true);
  if (!done) return "copying";
  return leasesOf(world.service, undefined).length < TABLES.length ? "ending" : "verifying";
}

/** Runs, kills, and runs again, until a run is let alone; then everything is checked. */
export async function play(plan: Plan): Promise<Result> {
  const startedAtMs = Date.now();
  const chance = new Chance(plan.seed);
  const foreign = chance.often(FOREIGN_SHARE);
  const world = await KillWorld.open();
  const problems: string[] = [];
  const kills: Kill[] = [];
  let again = 0;
  try {
    const source = world.service.account("contoso");
    seed(source, plan.sizes);
    if (foreign) seedForeign(world.service.account(DESTINATION), FOREIGN_ROWS);
    let before: { readonly kill: Kill; readonly journal: Journalled; readonly pages: Watched["pages"] } | undefined;
    let arrived = world.destinationTables().map((table) => [table, world.rows(DESTINATION, table)] as const);
    for (let run = 0; ; run++) {
      const wanted = run === 0 || (run < KILLS_MAX && chance.often(AGAIN_SHARE));
      // A run that goes on has less to do: it is killed earlier, so that it is killed at all.
      const at = run === 0 ? plan.at : chance.int(1_000) / 1_250;
      const moment = wanted ? momentAt(at, plan.life, chance) : undefined;
      const folder = world.folder();
      const watched = await launch(world, foreign, folder, moment);
      if (before !== undefined) {
        before.kill.reRead = reReadOf(before.journal, watched.pages, problems);
        before.kill.readAgain = readAgainOf(before.journal, before.pages, watched.pages, problems);
        again += rewritten(world, arrived);
      }
      if (!watched.killed) {
        checkEnd(world, { watched, folder, foreign: foreign ? FOREIGN_ROWS : 0 }, problems);
        break;
      }
      const journal = await journalled(world);
      const files = filesIn(folder, foreign ? FOREIGN_ROWS : 0);
      problems.push(...files.problems.map((one) => `After a kill ${moment ? describeMoment(moment) : "?"}: ${one}`));
      const changes = chance.often(CHANGES_SHARE) ? changeSource(source, plan.sizes, chance, !foreign) : undefined;
      const kill: Kill = {
        phase: phaseOf(world, watched, journal), moment: moment ? describeMoment(moment) : "?", resumed: run > 0,
        changes, partials: files.partials, reRead: 0, readAgain: 0,
      };
      kills.push(kill);
      before = { kill, journal, pages: watched.pages };
      arrived = world.destinationTables().map((table) => [table, world.rows(DESTINATION, table)] as const);
    }
  } finally {
    await world.close();
  }
  return { seed: plan.seed, kills, problems, rewritten: again, durationMs: Date.now() - startedAtMs };
}
