import { html } from "./markup";
import type { Markup } from "./markup";

/** What each word of the report means, for readers who were not there. Also in docs/understanding-output.md. */
const WORDS: readonly (readonly [string, string])[] = [
  ["equal", "Every row was read on both sides, and every property has the same type and the same value. " +
    "Said of a full verification only."],
  ["counts match", "Both sides hold the same number of rows. Values were not compared."],
  ["sampled equal", "Rows drawn at random were compared and are equal. The others were not compared."],
  ["different", "At least one row is missing, extra, different or in conflict."],
  ["missing", "In the source, not in the destination."],
  ["extra", "In the destination, not in the source. Reported, deleted or accepted, as the run was told."],
  ["conflict", "A row in the destination that somebody else wrote and that differs from the source's. " +
    "Never overwritten unless the run was told to."],
  ["in flight", "The row changed while it was being verified. Nothing can be said of it until the source is quiet."],
  ["incomplete", "The run could not finish this table. What was achieved is kept, and the same command resumes."],
  ["left out", "Rows that were deliberately or unavoidably not written, with the reason."],
  ["digest", "A 128-bit sum over all rows of one side. Two sides with the same rows have the same digest, " +
    "in whatever order they were read."],
  ["report hash", "SHA-256 over the report's content. An edited report no longer matches the hash " +
    "that the run printed."],
];

export function glossary(): Markup {
  return html`<section><h2>What the words mean</h2><details><summary>Every word of this report</summary>
<dl class="words">${WORDS.map(([word, meaning]) => html`<div><dt>${word}</dt><dd>${meaning}</dd></div>`)}</dl>
</details></section>`;
}
