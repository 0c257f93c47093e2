import type { Report, ReportTable } from "./schema";
import { formatCount } from "./statusLine";
import { phaseLabel, syncedWords } from "./syncWords";

/** good: proven. plain: true, but less than a proof. open: nothing final can be said. bad: not as it should be. */
export type Tone = "good" | "plain" | "open" | "bad";

export interface Wording {
  readonly headline: string;
  readonly explanation: string;
  readonly tone: Tone;
}

/** `1 row`, `24,293 rows`. */
export function quantity(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

function sum(report: Report, of: (table: ReportTable) => number): number {
  return report.tables.reduce((total, table) => total + of(table), 0);
}

/** Rows that are not as they should be. The engine counts a refused conflict as that, and not as different too. */
export function differencesOf(table: ReportTable, report: Pick<Report, "settings">): number {
  const extra = report.settings.deletes === "accept" ? 0 : table.extra;
  return table.missing + extra + table.different + table.conflicts;
}

/** What is true of "equal" only with a grain of salt. */
function reservations(report: Report): string {
  const told: string[] = [];
  if (report.settings.tables.some((table) => table.filter !== undefined)) {
    told.push("A filter chose the rows: the others were not looked at.");
  }
  if (report.settings.tables.some((table) => table.mode === "merge")) {
    told.push("With merge, equal means that the source's properties are all there; the destination may hold more.");
  }
  const extra = sum(report, (table) => table.extra);
  if (report.settings.deletes === "accept" && extra > 0) {
    told.push(`${quantity(extra, "extra row")} in the destination ${extra === 1 ? "was" : "were"} accepted.`);
  }
  const skipped = sum(report, (table) => table.skipped.reduce((total, { count }) => total + count, 0));
  if (skipped > 0) told.push(`${quantity(skipped, "row")} ${skipped === 1 ? "was" : "were"} left out, see the tables.`);
  return told.map((sentence) => ` ${sentence}`).join("");
}

function equalWords(report: Report): Wording {
  const source = sum(report, (table) => table.source.count);
  const destination = sum(report, (table) => table.destination.count);
  const tables = quantity(report.tables.length, "table");
  if (report.tables.length === 0) {
    return { headline: "No table was compared", explanation: "There was nothing to compare.", tone: "open" };
  }
  if (report.level === "count") {
    return {
      headline: "Counts match",
      explanation: `${quantity(source, "source row")} and ${quantity(destination, "destination row")} were counted ` +
        `in ${tables}. Values were not compared.${reservations(report)}`,
      tone: "plain",
    };
  }
  if (report.level === "sample") {
    const sampled = sum(report, (table) => table.sampled ?? 0);
    return {
      headline: sampled === 1 ? "1 sampled row is equal" : `${formatCount(sampled)} sampled rows are equal`,
      explanation: `They were drawn from ${quantity(source, "source row")} in ${tables}, and compared property by ` +
        `property. The other rows were not compared.${reservations(report)}`,
      tone: "plain",
    };
  }
  const merge = report.settings.tables.some((table) => table.mode === "merge");
  const filtered = report.settings.tables.some((table) => table.filter !== undefined);
  const accepted = report.settings.deletes === "accept" && sum(report, (table) => table.extra) > 0;
  const subject = filtered ? "selected row" : accepted || merge ? "source row" : "row";
  return {
    headline: merge ? `Every ${subject} has arrived` : `Every ${subject} is equal`,
    explanation: `${quantity(source, "source row")} and ${quantity(destination, "destination row")} in ${tables} ` +
      `were read and compared, property by property.${reservations(report)}`,
    tone: "good",
  };
}

function refusedText(report: Report): string {
  const conflicts = sum(report, (table) => table.conflicts);
  if (conflicts === 0 || report.settings.conflicts === "overwrite") return "";
  return ` ${quantity(conflicts, "differing row")} in the destination ${conflicts === 1 ? "was" : "were"} written by ` +
    "somebody else, and not overwritten.";
}

function differentWords(report: Report): Wording {
  const differences = sum(report, (table) => differencesOf(table, report));
  const refused = refusedText(report);
  const unfinished = report.tables.filter(({ verdict }) => verdict === "incomplete").length;
  const open = unfinished === 0 ? "" : ` ${quantity(unfinished, "table")} could not be finished.`;
  if (report.level === "count") {
    return {
      headline: "Counts differ",
      explanation: `${quantity(sum(report, (table) => table.source.count), "source row")}, ` +
        `${quantity(sum(report, (table) => table.destination.count), "destination row")}. ` +
        `Values were not compared.${refused}${open}`,
      tone: "bad",
    };
  }
  const sampled = sum(report, (table) => table.sampled ?? 0);
  const among = report.level === "sample"
    ? ` among ${formatCount(sampled)} sampled ${sampled === 1 ? "row" : "rows"}`
    : "";
  const stuck = report.tables.filter(({ verdict, error }) => verdict === "different" && error !== undefined).length;
  if (stuck > 0) {
    return {
      headline: `${quantity(stuck, "table")} ${stuck === 1 ? "waits" : "wait"} for a decision`,
      explanation: `The reason stands beside each. What was achieved is kept; the same command would end in the ` +
        `same way. Differences that were found: ${formatCount(differences)}.${refused}${open}`,
      tone: "bad",
    };
  }
  return {
    headline: `${quantity(differences, "row differs", "rows differ")}${among}`,
    explanation: `${quantity(sum(report, (table) => table.missing), "row is", "rows are")} missing in the ` +
      `destination, ${formatCount(sum(report, (table) => table.extra))} extra, ` +
      `${formatCount(sum(report, (table) => table.different))} different.${refused}${open}${reservations(report)}`,
    tone: "bad",
  };
}

function incompleteWords(report: Report): Wording {
  const inFlight = sum(report, (table) => table.inFlight);
  const differences = sum(report, (table) => differencesOf(table, report));
  const found = differences === 0 ? "" : ` Until then ${quantity(differences, "difference")} had been found.`;
  if (report.stopped) {
    return {
      headline: "Stopped before the end",
      explanation: `The run was asked to stop, and did. The same command goes on where it stopped.${found}`,
      tone: "open",
    };
  }
  if (inFlight > 0 && report.tables.every((table) => table.verdict !== "incomplete")) {
    return {
      headline: "The source was being written",
      explanation: `${quantity(inFlight, "row")} changed during the verification, and nothing can be said of ` +
        `${inFlight === 1 ? "it" : "them"} yet. Verify again when the source is quiet.${found}`,
      tone: "open",
    };
  }
  const unfinished = report.tables.filter((table) => table.verdict === "incomplete").length;
  return {
    headline: "Could not finish",
    explanation: `${quantity(unfinished, "table")} could not be finished; the reason stands beside each. What was ` +
      `achieved is kept: the same command resumes.${found}`,
    tone: "open",
  };
}

function dryRunWords(report: Report): Wording {
  const write = sum(report, (table) => table.written);
  const remove = sum(report, (table) => table.deleted);
  const nothing = write + remove === 0;
  return {
    headline: nothing ? "Nothing would be written" : `${quantity(write + remove, "row")} would change`,
    explanation: `A dry run: nothing was written. A copy would write ${quantity(write, "row")} and delete ` +
      `${formatCount(remove)}; ${quantity(sum(report, (table) => table.conflicts), "conflict")} would be ` +
      `${report.settings.conflicts === "overwrite" ? "overwritten" : "refused"}.`,
    tone: "plain",
  };
}

/** A copy whose proof is a step of its own: every row was dealt with, and nothing is said of equality. */
function isUnproven(report: Report, table?: ReportTable): boolean {
  const tables = table ? [table] : report.tables;
  return report.level === "none" && report.command === "copy" && tables.every(({ error }) => error === undefined);
}

/** Whether a copy that leaves the proof to another run met what it had to leave as it was: it says so itself. */
export function hasRefused(report: Report): boolean {
  return isUnproven(report) && !report.stopped && report.tables.some(({ verdict }) => verdict === "different");
}

function unprovenWords(report: Report): Wording {
  const written = sum(report, (table) => table.written);
  const copied = `${quantity(written, "row")} written in ${quantity(report.tables.length, "table")}.`;
  if (hasRefused(report)) {
    const differences = sum(report, (table) => differencesOf(table, report));
    return {
      headline: `${quantity(differences, "row differs", "rows differ")}, and nothing was verified`,
      explanation: `${copied}${refusedText(report)} Settle what differs, and run again.${reservations(report)}`,
      tone: "bad",
    };
  }
  return {
    headline: "Copied, not verified yet",
    explanation: `${copied} ` +
      `Whether both sides are equal, the verification that follows will say.${reservations(report)}`,
    tone: "open",
  };
}

/** The verdict as it may be told to people: never stronger than what was read. */
export function verdictWords(report: Report): Wording {
  if (report.verdict === "incomplete" && isUnproven(report) && !report.stopped) return unprovenWords(report);
  if (report.verdict === "incomplete") return incompleteWords(report);
  if (report.dryRun) return dryRunWords(report);
  if (report.verdict === "synced") return { ...syncedWords(report), tone: "good" };
  if (report.verdict === "different") return differentWords(report);
  return equalWords(report);
}

/** A table's verdict in a word or three, never stronger than what was read. */
export function tableWords(table: ReportTable, report: Report): { readonly label: string; readonly tone: Tone } {
  switch (table.verdict) {
    case "incomplete":
      return { label: isUnproven(report, table) ? "not verified yet" : "incomplete", tone: "open" };
    case "synced":
      return { label: phaseLabel(table.sync?.phase ?? "sync"), tone: "good" };
    case "inFlight":
      return { label: "in flight", tone: "open" };
    case "different":
      return { label: report.level === "count" ? "counts differ" : "different", tone: "bad" };
    case "equal":
      if (report.dryRun) return { label: "nothing to do", tone: "plain" };
      if (report.level === "count") return { label: "counts match", tone: "plain" };
      if (report.level === "sample") {
        return { label: `${formatCount(table.sampled ?? 0)} sampled equal`, tone: "plain" };
      }
      return { label: "equal", tone: "good" };
  }
}
