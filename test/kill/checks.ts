import type { StoredEntity } from "../simulated";
import { filesIn } from "./files";
import { isAcknowledged, type Progress } from "./progress";
import { leasesOf, type SourcePage, type Watched } from "./run";
import { TABLES, valueText } from "./tables";
import { DESTINATION, SOURCE } from "./watchedService";
import type { KillWorld } from "./world";

/** Rows in a page of the service. */
const PAGE_ROWS = 1_000;

/**
 * Source rows that the journal called acknowledged and that a run which went on read again all the same. A pass that
 * was through is no interrupted one: the next run begins another, and compares every row.
 */
export function reReadOf(
  journal: ReadonlyMap<string, Progress>,
  pages: readonly SourcePage[],
  problems: string[],
): number {
  let all = 0;
  for (const [table, killed] of journal) {
    if (killed.complete) continue;
    const own = pages.filter((page) => page.table === table && page.leased);
    const resuming = own.filter(({ progress }) => progress?.pass === killed.pass && !progress.complete);
    const rows = resuming.flatMap(({ keys }) => keys).filter((key) => isAcknowledged(killed, key)).length;
    all += rows;
    const allowed = PAGE_ROWS * killed.rangesOpen;
    if (rows > allowed) problems.push(`${table}: ${rows} acknowledged rows were read again; ${allowed} are allowed.`);
    const first = own[0]?.progress;
    if (killed.acknowledged.length > 0 && first !== undefined && first.pass !== killed.pass) {
      problems.push(`${table}: pass ${killed.pass} was given up for pass ${first.pass}: it started over.`);
    }
  }
  return all;
}

/** Segments of a range under way at once, the page in hand and the one that is fetched ahead. */
const PAGES_UNDER_WAY_MAX = 6;

/**
 * Rows of a table that both a dead run and the one after it read while they copied: read before, written or not, and
 * not acknowledged yet. The most of any table, for each range of it that was under way.
 */
export function readAgainOf(
  journal: ReadonlyMap<string, Progress>,
  dead: readonly SourcePage[],
  next: readonly SourcePage[],
  problems: string[],
): number {
  const name = ({ partitionKey, rowKey }: SourcePage["keys"][number]) => JSON.stringify([partitionKey, rowKey]);
  let most = 0;
  for (const [table, killed] of journal) {
    const copied = (pages: readonly SourcePage[]) => pages.filter((page) =>
      page.table === table && page.leased && page.progress?.complete === false && page.progress.pass === killed.pass);
    if (killed.complete) continue;
    const first = new Set(copied(dead).flatMap(({ keys }) => keys.map(name)));
    const rows = copied(next).flatMap(({ keys }) => keys.filter((key) => first.has(name(key)))).length;
    const allowed = PAGES_UNDER_WAY_MAX * PAGE_ROWS * killed.rangesOpen;
    if (rows > allowed) problems.push(`${table}: ${rows} rows were read again; ${allowed} are allowed.`);
    most = Math.max(most, Math.ceil(rows / killed.rangesOpen));
  }
  return most;
}

/** Rows that were there and equal after the kill, and were written again by the next run. */
export function rewritten(
  world: KillWorld,
  before: readonly (readonly [table: string, rows: readonly StoredEntity[]])[],
): number {
  return before.reduce((sum, [table, rows]) => {
    const wanted = new Set(world.rows(SOURCE, table).map(valueText));
    const name = ({ partitionKey, rowKey }: StoredEntity) => JSON.stringify([partitionKey, rowKey]);
    const now = new Map(world.rows(DESTINATION, table).map((row) => [name(row), row]));
    const equal = rows.filter((row) => wanted.has(valueText(row)));
    return sum + equal.filter((row) => now.get(name(row))?.ticks !== row.ticks).length;
  }, 0);
}

interface End {
  readonly watched: Watched;
  readonly folder: string;
  /** Rows of somebody else in the destination. */
  readonly foreign: number;
}

/** Everything that must hold once a run came to its end by itself. */
export function checkEnd(world: KillWorld, { watched, folder, foreign }: End, problems: string[]): void {
  const { code, stdout, stderr } = watched.finished;
  if (code !== 0) problems.push(`The last run ended with exit code ${code}: ${stderr.slice(-2_000)}`);
  if (!/^Every (source )?row is equal/m.test(stdout)) problems.push(`The last run did not say equal: ${stdout}`);
  for (const table of TABLES) {
    const wanted = new Set(world.rows(SOURCE, table).map(valueText));
    const held = world.rows(DESTINATION, table).map(valueText);
    const strange = held.filter((text) => !wanted.delete(text));
    const foreigners = strange.filter((text) => text.includes('"foreign'));
    const allowed = table === "Large" ? foreign : 0;
    if (wanted.size > 0) problems.push(`${table}: ${wanted.size} rows are lost or altered: ${[...wanted][0]}`);
    if (strange.length > foreigners.length || foreigners.length !== allowed) {
      problems.push(`${table}: ${strange.length} rows are not the source's, ${allowed} of them rightly: ${strange[0]}`);
    }
  }
  const tables = world.destinationTables();
  const missing = TABLES.filter((table) => !tables.includes(table));
  const more = tables.filter((table) => !(TABLES as readonly string[]).includes(table));
  if (missing.length + more.length > 0) problems.push(`Tables missing: ${missing}; left behind: ${more}`);
  const leases = leasesOf(world.service, undefined);
  if (leases.length > 0) problems.push(`Leases left behind: ${leases}`);
  const files = filesIn(folder, foreign);
  problems.push(...files.problems.map((problem) => `After the last run: ${problem}`));
  if (files.whole.length !== 3 || files.partials > 0) problems.push(`After the last run: only ${files.whole}`);
}
