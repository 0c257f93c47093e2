import { PHASES, type Result } from "./scenario";

const number = (value: number) => value.toLocaleString("en-US");
const cells = (...row: readonly (string | number)[]) =>
  `| ${row.map((cell) => (typeof cell === "number" ? number(cell) : cell)).join(" | ")} |`;

const WORDS: Readonly<Record<(typeof PHASES)[number], string>> = {
  starting: "before its first request",
  looking: "looking whether it can copy, or waiting for the dead one's lease",
  copying: "copying",
  verifying: "verifying",
  ending: "giving its leases back, writing its reports",
};

/** What went wrong, with what is needed to have it again. */
export function failuresOf(results: readonly Result[]): readonly string[] {
  return results.flatMap(({ seed, kills, problems, rewritten }) => {
    const moments = kills.map(({ moment, phase, changes }) =>
      `${moment} (${phase}; source: ${changes ?? "as it was"})`);
    const found = rewritten > 0 ? [...problems, `${rewritten} rows that had arrived were written again.`] : problems;
    return found.map((problem) => `Scenario ${seed}, killed ${moments.join("; then ")}: ${problem}`);
  });
}

/** The tables as Markdown: what the terminal shows, and what goes into the documentation. */
export function summary(results: readonly Result[], seed: number): string {
  const kills = results.flatMap((result) => result.kills);
  const max = (values: readonly number[]) => Math.max(0, ...values);
  const again = kills.filter(({ resumed }) => resumed).length;
  const failed = results.filter(({ problems, rewritten }) => problems.length + rewritten > 0).length;
  const lines = PHASES.map((phase) => {
    const own = kills.filter((kill) => kill.phase === phase);
    return cells(WORDS[phase], own.length, own.filter(({ changes }) => changes !== undefined).length,
      max(own.map(({ reRead }) => reRead)), max(own.map(({ readAgain }) => readAgain)));
  });
  return [
    `Seed ${seed}: ${number(kills.length)} kills in ${number(results.length)} moves, ${number(again)} of them of ` +
      "runs that went on after a kill.",
    "",
    cells("What the process was doing", "kills", "source changed before the next run",
      "acknowledged rows read again, most", "other rows read again per range, most"),
    "|---|---:|---:|---:|---:|",
    ...lines,
    "",
    cells("In the end", "moves"),
    "|---|---:|",
    cells("finished, verified equal, and found equal by reading both services", results.length - failed),
    cells("anything else", failed),
    "",
    `Rows written again although they had arrived: ${number(results.reduce((sum, one) => sum + one.rewritten, 0))}. ` +
      `Kills that met a report while it was being put into its place, and left a hidden \`.partial\` file: ` +
      `${number(kills.reduce((sum, { partials }) => sum + partials, 0))}.`,
  ].join("\n");
}
