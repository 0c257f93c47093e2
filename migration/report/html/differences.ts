import type { Report, ReportProperty, ReportSample, ReportTable } from "../schema";
import { differencesOf, quantity } from "../words";
import { foreign, foreignValue } from "./foreign";
import { html } from "./markup";
import type { Markup } from "./markup";

const CLASS_WORDS: Readonly<Record<ReportSample["class"], string>> = {
  missing: "missing",
  extra: "extra",
  different: "different",
  conflict: "conflict",
  inFlight: "in flight",
};

function typedText(typed: ReportProperty["source"]): Markup {
  if (typed === undefined) return html`<i class="muted">absent</i>`;
  const type = html`<span class="type">${foreign(typed.type.replace(/^Edm\./, ""))}</span>`;
  return typed.value === undefined ? type : html`${type} <code>${foreignValue(typed.value)}</code>`;
}

function propertyLine(property: ReportProperty): Markup {
  return html`<li><code class="name">${foreign(property.name)}</code>
<span class="change">${typedText(property.source)} <span class="muted" title="source, then destination">&rarr;</span> ${
  typedText(property.destination)}</span></li>`;
}

function sampleRow(sample: ReportSample): Markup {
  return html`<tr>
<td data-label="What"><span class="class ${sample.class}">${CLASS_WORDS[sample.class]}</span></td>
<td data-label="Partition key"><code>${foreign(sample.partitionKey)}</code></td>
<td data-label="Row key"><code>${foreign(sample.rowKey)}</code></td>
<td data-label="Properties">${sample.reason === undefined ? "" : html`${foreign(sample.reason)} `}${
  sample.properties.length === 0 ? html`<i class="muted">the whole row</i>` :
  html`<ul class="properties">${sample.properties.map(propertyLine)}</ul>`}</td>
</tr>`;
}

function tableOf(table: ReportTable, report: Report): Markup {
  const all = differencesOf(table, report) + table.inFlight +
    (report.settings.deletes === "accept" ? table.extra : 0);
  const rest = all - table.samples.length;
  return html`<h3>${foreign(table.table)}</h3>
<table>
<thead><tr><th scope="col">What</th><th scope="col">Partition key</th><th scope="col">Row key</th>
<th scope="col">Properties: source &rarr; destination</th></tr></thead>
<tbody>${table.samples.map(sampleRow)}</tbody>
</table>${rest > 0 ? html`<p class="muted">${quantity(rest, "more row is", "more rows are")} not listed here;
 <code>--differences FILE.jsonl</code> writes every one.</p>` : ""}`;
}

/** The first differences of each table; nothing where there are none. */
export function differencesSection(report: Report): Markup | undefined {
  const tables = report.tables.filter((table) => table.samples.length > 0);
  if (tables.length === 0) return undefined;
  const valued = report.tables.some((table) => table.samples.some((sample) =>
    sample.properties.some(({ source, destination }) => (source?.value ?? destination?.value) !== undefined)));
  return html`<section class="differences"><h2>Differences</h2>
${valued ? "" : html`<p class="muted">Names and types only; values appear where a run is told to show them
 (<code>--show-values</code>).</p>`}
${tables.map((table) => tableOf(table, report))}
</section>`;
}
