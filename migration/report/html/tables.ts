import type { Report, ReportTable } from "../schema";
import { formatCount, formatDuration } from "../statusLine";
import { tableWords } from "../words";
import { foreign } from "./foreign";
import { html } from "./markup";
import type { Markup } from "./markup";

/** `v1:` and eight groups of four: people compare groups. */
function digestText(digest: string): Markup {
  const [version = "", digits = ""] = digest.split(":");
  const groups = digits.match(/.{1,4}/g) ?? [];
  return html`<code class="digest"><span class="muted">${version}</span> ${groups.join(" ")}</code>`;
}

function digests(table: ReportTable): Markup | undefined {
  const { source, destination } = table;
  if (source.digest === undefined && destination.digest === undefined) return undefined;
  const row = (name: string, digest: string | undefined) => {
    const text = digest === undefined ? html`<i class="muted">not read</i>` : digestText(digest);
    return html`<div><dt>${name} digest</dt><dd>${text}</dd></div>`;
  };
  const unlike = table.verdict === "equal" && source.digest !== destination.digest;
  return html`<dl class="digests">${row("Source", source.digest)}${row("Destination", destination.digest)}</dl>${
    unlike ? html`<p class="muted">Digests cover every row and property of a side. They differ where a merge
 leaves other properties, or a policy accepts extra rows.</p>` : ""}`;
}

/** A number that nobody counted is not shown as one. */
function rows(name: string, count: number, counted: boolean): Markup {
  return counted ? number(name, count) : html`<div class="number zero"><dt>${name}</dt><dd>not counted</dd></div>`;
}

function number(name: string, count: number, kind: "plain" | "wrong" | "open" = "plain"): Markup {
  const mark = count > 0 && kind !== "plain" ? ` ${kind}` : count === 0 ? " zero" : "";
  return html`<div class="number${mark}"><dt>${name}</dt><dd>${formatCount(count)}</dd></div>`;
}

function numbers(table: ReportTable, report: Report): Markup {
  // A table that failed, and a dry run, did not get as far as counting both sides.
  const counted = table.verdict !== "incomplete" && !report.dryRun;
  return html`<dl class="numbers">
${number(counted ? "source rows" : "source rows seen", table.source.count)}${
  rows("destination rows", table.destination.count, counted)}${
  table.sampled === undefined ? "" : number("sampled", table.sampled)}${
  report.command === "copy" ? [
    number(report.dryRun ? "to write" : "written", table.written),
    number("unchanged", table.unchanged),
    number(report.dryRun ? "to delete" : "deleted", table.deleted),
  ] : ""}
</dl>${findings(table, report)}`;
}

/** What was looked for. A zero is shown only where it was found out: unknown is never success. */
function findings(table: ReportTable, report: Report): Markup {
  const finished = table.verdict !== "incomplete";
  const verified = finished && !report.dryRun;
  const compared = verified && report.level !== "count";
  const finding = (name: string, count: number, known: boolean, unknown = "not known") => known || count > 0
    ? number(name, count, name === "extra, accepted" ? "plain" : "wrong")
    : html`<div class="number zero"><dt>${name}</dt><dd>${unknown}</dd></div>`;
  const extra = report.settings.deletes === "accept" ? "extra, accepted" : "extra";
  const different = report.level === "sample" ? "different in sample" : "different";
  return html`<dl class="numbers">
${finding("missing", table.missing, verified)}${finding(extra, table.extra, finished)}${
  finding(different, table.different, compared, verified ? "not compared" : "not known")}${
  report.command === "copy" ? finding("conflicts", table.conflicts, finished) : ""}${
  table.inFlight === 0 ? "" : number("in flight", table.inFlight, "open")}
</dl>`;
}

function settingsText(table: ReportTable, report: Report): Markup | undefined {
  const settings = report.settings.tables.find((one) => one.table === table.table);
  if (settings === undefined) return undefined;
  const { mode, filter, renames } = settings;
  if (mode === "replace" && filter === undefined && renames.length === 0) return undefined;
  return html`<p class="settings">${
    mode === "merge" ? html`<span>merge: the source's properties are compared</span>` : ""}${
    filter === undefined ? "" : html`<span>filter: <code>${foreign(filter)}</code></span>`}${
    renames.map(({ from, to }) =>
      html`<span>renamed: <code>${foreign(from)}</code> &rarr; <code>${foreign(to)}</code></span>`)}</p>`;
}

/** Of a live move: what a run reads is what changed, so rows of either side are not counted. */
function moving(table: ReportTable): Markup | undefined {
  const { sync } = table;
  if (sync === undefined) return undefined;
  const { watermark, lagMs, evidence } = sync;
  const text = (name: string, value: string) => html`<div class="number"><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<dl class="numbers">
${text("phase", sync.movedFrom === undefined ? sync.phase : `${sync.movedFrom} to ${sync.phase}`)}${
  watermark === undefined ? "" : text("applied up to", `${watermark.slice(0, 19).replace("T", " ")} UTC`)}${
  lagMs === undefined ? "" : text("lag, at most", formatDuration(lagMs))}
</dl><dl class="numbers">
${number("changed", sync.changed)}${number("backfilled", sync.backfilled)}${number("deleted", table.deleted)}${
  number("late applied", sync.lateApplied)}${number("late conflicts", sync.lateConflicts, "wrong")}${
  table.conflicts > sync.lateConflicts ? number("conflicts", table.conflicts, "wrong") : ""}
</dl>${evidence === undefined ? "" : html`<dl class="numbers">
${number("verified", evidence.compared)}${number("different", evidence.different, "wrong")}${
  number("changed since the switch", evidence.changedSince)}${number("deleted since the switch", evidence.goneSince)}${
  text("quiet for", formatDuration(evidence.quietMs))}
</dl>`}${sync.notes.map((note) => html`<p class="muted">${note}</p>`)}`;
}

function card(table: ReportTable, report: Report): Markup {
  const words = tableWords(table, report);
  const renamed = table.destinationTable === table.table ? "" :
    html` <span class="muted">&rarr;</span> ${foreign(table.destinationTable)}`;
  return html`<article class="card">
<header><h3>${foreign(table.table)}${renamed}</h3><span class="badge ${words.tone}">${words.label}</span></header>
${moving(table) ?? numbers(table, report)}${table.error === undefined ? "" :
  html`<p class="failure"><strong>${foreign(table.error.code)}</strong> ${foreign(table.error.message)}</p>`}${
  table.skipped.length === 0 ? "" : html`<ul class="skipped">${table.skipped.map(({ reason, count }) =>
    html`<li>${formatCount(count)} left out: ${foreign(reason)}</li>`)}</ul>`}${
  settingsText(table, report) ?? ""}${digests(table) ?? ""}
<p class="muted pace">${formatDuration(table.durationMs)}, ${formatCount(table.entitiesPerSecond)} rows per second</p>
</article>`;
}

export function tablesSection(report: Report): Markup {
  return html`<section><h2>Tables</h2>
${report.tables.length === 0 ? html`<p class="muted">No table took part.</p>` :
  report.tables.map((table) => card(table, report))}
</section>`;
}
