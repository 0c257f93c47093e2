import type { AttackResult } from "./attack";
import { KINDS, type Group } from "./kinds";
import type { LevelLine } from "./levels";
import { type Line, type Tally, total } from "./tally";

const GROUPS: readonly (readonly [Group, string])[] = [
  ["value", "Another value of the same type"],
  ["type", "Another type, the same look"],
  ["property", "Properties"],
  ["row", "Rows and keys"],
];

const number = (value: number) => value.toLocaleString("en-US");

function cells(...row: readonly (string | number)[]): string {
  return `| ${row.map((cell) => (typeof cell === "number" ? number(cell) : cell)).join(" | ")} |`;
}

function lineCells({ name, tried, found, located, falseAlarms }: Line, strong = false): string {
  return cells(strong ? `**${name}**` : name, tried, found, located, falseAlarms);
}

/** Kinds of a group in the order in which they are declared, under the group's total. */
function groupLines(tally: Tally, group: Group, title: string): readonly string[] {
  const lines = KINDS.filter((kind) => kind.group === group).flatMap(({ name }) => tally.line(name) ?? []);
  return [lineCells(total(lines, title), true), ...lines.map((line) => lineCells(line))];
}

function levelCells({ name, tried, keys, keysFound, values, valuesFound, lies }: LevelLine): string {
  return cells(name, tried, `${number(keysFound)} of ${number(keys)}`, `${number(valuesFound)} of ${number(values)}`,
    lies.length);
}

/** The tables of a run as Markdown: what the terminal shows, and what goes into the documentation. */
export function summary(result: AttackResult): string {
  const { single, several, respelt, levels, options } = result;
  return [
    `Seed ${options.seed}, ${number(result.tables)} tables, ${number(result.canned)} attacks on pages made by hand.`,
    "",
    cells("One mutation at a time", "tried", "found", "located", "false alarms"),
    "|---|---:|---:|---:|---:|",
    ...GROUPS.flatMap(([group, title]) => groupLines(single, group, title)),
    lineCells(total(single.all, "All single mutations"), true),
    lineCells(total(several.all, "Two to eight at once"), true),
    "",
    cells("Another spelling, no difference", "tried", "called equal", "false alarms"),
    "|---|---:|---:|---:|",
    ...[...respelt.all, total(respelt.all, "**All**")].map((line) =>
      cells(line.name, line.tried, line.found, line.falseAlarms)),
    "",
    cells("Cheaper level", "tried", "changed keys found", "changed values found", "claims beyond what was read"),
    "|---|---:|---:|---:|---:|",
    ...levels.map(levelCells),
  ].join("\n");
}
