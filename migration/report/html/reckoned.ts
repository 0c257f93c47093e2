import { costText, totalRequests, formatBytes, spanText, totalUsed } from "../reckonedWords";
import type { Report } from "../schema";
import { formatCount, formatDuration } from "../statusLine";
import { html } from "./markup";
import type { Markup } from "./markup";

function line(name: string, expected: string, used: Markup | string): Markup {
  return html`<tr>
<td data-label="What">${name}</td><td data-label="Expected">${expected}</td><td data-label="Used">${used}</td>
</tr>`;
}

function moneyLines(cost: NonNullable<Report["cost"]>): readonly Markup[] {
  const nobodyKnows = html`<i class="muted">not known</i>`;
  const later = html`<i class="muted">still to come</i>`;
  return [
    line("cost", costText(cost.move), cost.used ? costText(cost.used) : nobodyKnows),
    line("a month after it", costText(cost.month), later),
  ];
}

/** What was expected beside what was used; absent where nobody asked what it would take. */
export function reckonedSection({ estimate, used, cost }: Report): Markup | undefined {
  if (estimate === undefined || used === undefined) return undefined;
  const seconds = (value: number) => formatDuration(value * 1_000);
  const sides = (["source", "destination"] as const).flatMap((side) => [
    line(`requests to the ${side}`, spanText(totalRequests(estimate[side]), formatCount),
      formatCount(totalUsed(used[side]))),
    line(`left the ${side}`, spanText(estimate[side].bytesReceived, formatBytes),
      formatBytes(used[side].bytesReceived)),
  ]);
  return html`<section class="reckoned"><h2>Time and cost</h2>
<table>
<thead><tr><th scope="col">What</th><th scope="col">Expected</th><th scope="col">Used</th></tr></thead>
<tbody>${line("time, looking included", spanText(estimate.seconds, seconds), seconds(used.seconds))}${sides}${
  cost === undefined ? "" : moneyLines(cost)}</tbody>
</table>${cost?.usedUnknown === undefined ? "" : html`<p class="muted section-note">${cost.usedUnknown}</p>`}
</section>`;
}
