import type { VerifyLevel } from "../../migration/engine/settings";
import { reportFromOutcome } from "../../migration/report/fromOutcome";
import { verdictWords } from "../../migration/report/words";
import type { Arena } from "./arena";
import type { Chance } from "./chance";
import { drawOne, drawSide } from "./draw";
import { expectedOf, judge } from "./judge";
import type { RowChange } from "./row";
import type { Side, Verified } from "./world";

/** What a level that reads less found, and whether it said more than it had read. */
export interface LevelLine {
  readonly name: string;
  tried: number;
  /** Attacks on keys (rows missing or extra): every level reads all keys. */
  keys: number;
  keysFound: number;
  /** Attacks on values alone. */
  values: number;
  valuesFound: number;
  falseAlarms: number;
  /** Claims beyond what was read, and other lies; for people. */
  readonly lies: string[];
}

interface Level {
  readonly name: string;
  readonly level: VerifyLevel;
  /** Of the table's rows. */
  readonly share: number;
}

const LEVELS: readonly Level[] = [
  { name: "count", level: "count", share: 0 },
  { name: "sample of half the rows", level: "sample", share: 0.5 },
  { name: "sample of all rows", level: "sample", share: 1 },
];

/** What people are told, by the words of the reports. */
function headline({ outcome }: Verified, table: string, level: VerifyLevel, sampleRows: number): string {
  const settings = {
    tables: [{ table, destinationTable: table, renames: new Map<string, string>(), mode: "replace" as const }],
    deletes: "report" as const, conflicts: "refuse" as const, level, sampleRows, seed: 1, concurrency: 8, dryRun: false,
  };
  const report = reportFromOutcome(outcome, {
    command: "verify", digestVersion: 1, source: "contoso", destination: "fabrikam", settings, throughput: [],
    showValues: false,
  });
  return verdictWords(report).headline;
}

/** Whatever was said that was not read. */
function lieOf(
  { level, share }: Level, arena: Arena, sampleRows: number, changes: readonly RowChange[], side: Side,
  verified: Verified,
): string | undefined {
  const { outcome, differences } = verified;
  const expected = expectedOf(changes, side);
  const summary = outcome.tables[0];
  if (summary === undefined || outcome.level !== level) return `level ${outcome.level} instead of ${level}`;
  const digest = summary.source.digest ?? summary.destination.digest;
  if (digest !== undefined) return "a digest of values that were not read";
  const wanted = differences.length > 0 ? "different" : "equal";
  if (outcome.verdict !== wanted) return `verdict ${outcome.verdict} with ${differences.length} differences reported`;
  const missedKey = expected.filter((one) => one.class !== "different").length >
    differences.filter((one) => one.class !== "different").length;
  if (missedKey) return "a key that is not on both sides went unreported";
  if (level === "count" && differences.some((one) => one.class === "different")) return "values compared by a count";
  // A row that only one side has lost is on both sides no longer; one that only one side gained never was.
  const commonRows = arena.rows.length - changes.filter(({ after }) => after === undefined).length;
  if (level === "sample" && summary.sampled !== Math.min(sampleRows, commonRows)) {
    return `${summary.sampled} rows said to be sampled of ${commonRows}, at most ${sampleRows}`;
  }
  if (share === 1 && differences.length < expected.length) return "a sample of every row missed a difference";
  if (outcome.verdict !== "equal") return undefined;
  const said = headline(verified, arena.table, level, sampleRows);
  const rows = String(summary.sampled);
  const may = level === "count" ? /^Counts match$/ : new RegExp(`^${rows} sampled rows? (is|are) equal$`);
  return may.test(said) ? undefined : `"${said}" said of ${rows} rows read`;
}

/** Attacks under `count` and `sample`: they must find what they read, and claim no more. */
export async function attackCheaperLevels(
  fresh: () => Arena,
  times: number,
  chance: Chance,
): Promise<readonly LevelLine[]> {
  const lines: LevelLine[] = [];
  for (const level of LEVELS) {
    const line: LevelLine = {
      name: level.name, tried: 0, keys: 0, keysFound: 0, values: 0, valuesFound: 0, falseAlarms: 0, lies: [],
    };
    lines.push(line);
    let arena = fresh();
    for (let turn = 0; line.tried < times; turn++) {
      if (turn % 100 === 99) {
        arena.world.empty(arena.table);
        arena = fresh();
      }
      await once(level, arena, turn, chance, line);
    }
    arena.world.empty(arena.table);
  }
  return lines;
}

async function once(level: Level, arena: Arena, turn: number, chance: Chance, line: LevelLine): Promise<void> {
  const [kind, changes] = drawOne(arena.rows, turn, chance);
  // A sampled row is read by its key, which a page made by hand does not answer.
  if (kind.canned === true) return;
  const side = drawSide(chance);
  const sampleRows = Math.max(1, Math.ceil(arena.rows.length * level.share));
  const rowsMax = level.share === 1 ? 1_000 : sampleRows;
  const verified = await arena.held(side, changes, () =>
    arena.world.verify(arena.table, level.level, rowsMax, chance.int(2 ** 31)));
  if (verified === undefined) return;
  const expected = expectedOf(changes, side);
  const judged = judge(expected, verified, arena.table);
  const keys = expected.some((one) => one.class !== "different");
  const found = verified.outcome.verdict === "different";
  line.tried += 1;
  line[keys ? "keys" : "values"] += 1;
  if (found) line[keys ? "keysFound" : "valuesFound"] += 1;
  line.falseAlarms += judged.falseAlarms.length;
  for (const alarm of judged.falseAlarms) line.lies.push(`${kind.name}: ${alarm}`);
  const lie = lieOf(level, arena, rowsMax, changes, side, verified);
  if (lie !== undefined) line.lies.push(`${kind.name}: ${lie}; ${JSON.stringify(changes).slice(0, 1_000)}`);
}
