import type { Report } from "../schema";
import { formatCount, formatDuration } from "../statusLine";
import { verdictWords } from "../words";
import type { Tone } from "../words";
import { throughputChart } from "./chart";
import { differencesSection } from "./differences";
import { foreign } from "./foreign";
import { glossary } from "./glossary";
import { html, trusted } from "./markup";
import type { Markup } from "./markup";
import { reckonedSection } from "./reckoned";
import { STYLE } from "./style";
import { tablesSection } from "./tables";

const SYMBOLS: Readonly<Record<Tone, Markup>> = {
  good: html`<circle cx="24" cy="24" r="21"/><path d="M15 25l6.5 6.5L34 18"/>`,
  plain: html`<circle cx="24" cy="24" r="21"/><path d="M15 20.5h18M15 28h11"/>`,
  open: html`<circle cx="24" cy="24" r="21"/><path d="M24 13v12l8 5"/>`,
  bad: html`<circle cx="24" cy="24" r="21"/><path d="M15 20h18M15 28h18M29 13L19 35"/>`,
};

const LEVEL_WORDS: Readonly<Record<Report["level"], string>> = {
  full: "full: every row, every property, both sides",
  sample: "sample: some rows only",
  count: "count: rows counted, values not compared",
  none: "none yet: a verification of its own follows",
};

const MOVING_LEVEL = "at the end: when drained, of every row that nobody touched after the switch";

const COMMANDS: Readonly<Record<Report["command"], string>> = {
  copy: "Copy", verify: "Verification", sync: "Live move",
};

/** `2026-01-31 09:05:07 UTC`: one clock for every reader. */
function instantText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

function hero(report: Report): Markup {
  const words = verdictWords(report);
  return html`<section class="hero ${words.tone}">
<svg viewBox="0 0 48 48" aria-hidden="true">${SYMBOLS[words.tone]}</svg>
<h1>${words.headline}</h1>
<p>${words.explanation}</p>
</section>`;
}

function facts(report: Report): Markup {
  const durationMs = Date.parse(report.finishedAt) - Date.parse(report.startedAt);
  const fact = (name: string, value: Markup | string) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<dl class="facts sides">
${fact("From", foreign(report.source))}${fact("To", foreign(report.destination))}
</dl>
<dl class="facts">
${fact(report.verdict === "incomplete" ? "Verification asked for" : "Verification",
  report.dryRun ? "none: this was a dry run" : report.command === "sync" ? MOVING_LEVEL : LEVEL_WORDS[report.level])}
${fact("Began", instantText(report.startedAt))}${fact("Took", formatDuration(durationMs))}
</dl>`;
}

function evidence(report: Report): Markup {
  const { settings } = report;
  const fact = (name: string, value: Markup | string) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<section><h2>Evidence</h2><div class="card"><dl class="evidence">
${fact("Report hash", html`<code>${report.hash}</code>`)}
${fact("Run", html`<code>${foreign(report.runId)}</code>`)}
${fact("Finished", instantText(report.finishedAt))}
${fact("Policies", `extra rows: ${settings.deletes}; conflicts: ${settings.conflicts}`)}
${fact("Digests", `version ${formatCount(report.digestVersion)}: sums over canonical typed values`)}
${report.seed === undefined ? "" : fact("Sample seed", String(report.seed))}
</dl><p class="muted section-note">This page was made from a JSON report. Whoever has the report checks it with
 <code>landbridge report FILE.json --check</code>, and compares its hash with the one that the run printed.</p></div>
</section>`;
}

function chartSection(report: Report): Markup | undefined {
  const chart = throughputChart(report.throughput);
  return chart === undefined ? undefined : html`<section><h2>Throughput</h2>${chart}</section>`;
}

/**
 * The report for people: one page that needs nothing but itself, light and dark, on a phone and on paper. Everything
 * that comes from a table is escaped, and the page forbids itself to load or run anything.
 */
export function renderHtml(report: Report): string {
  const title = `${verdictWords(report).headline} - landbridge report`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="landbridge">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
<div class="top"><strong>landbridge</strong><span>${COMMANDS[report.command]} of ${
  instantText(report.finishedAt)}</span></div>
${hero(report)}
${facts(report)}
${differencesSection(report)}
${tablesSection(report)}
${chartSection(report)}
${reckonedSection(report)}
${evidence(report)}
${glossary()}
</main>
</body>
</html>
`.text;
}
