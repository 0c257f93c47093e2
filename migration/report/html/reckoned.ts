import { totalRequests, formatBytes, formatMoney, spanText, totalUsed } from "../reckonedWords";
import type { Report } from "../schema";
import { formatCount, formatDuration } from "../statusLine";
import { html } from "./markup";
import type { Markup } from "./markup";

/** What was expected beside what was used; absent where nobody asked what it would take. */
export function reckonedSection({ estimate, used, cost }: Report): Markup | undefined {
  if (estimate === undefined || used === undefined) return undefined;
  const number = (name: string, value: string) => html`<div class="number"><dt>${name}</dt><dd>${value}</dd></div>`;
  const both = (name: string, told: string, real: string) => number(name, `${real} (${told} expected)`);
  const seconds = (value: number) => formatDuration(value * 1_000);
  const sides = (["source", "destination"] as const).map((side) => [
    both(`requests to the ${side}`, spanText(totalRequests(estimate[side]), formatCount),
      formatCount(totalUsed(used[side]))),
    both(`left the ${side}`, spanText(estimate[side].bytesReceived, formatBytes),
      formatBytes(used[side].bytesReceived)),
  ]);
  const money = cost?.used && ((amount: number) => formatMoney(amount, cost.move.currency));
  return html`<section><h2>Time and cost</h2><div class="card"><dl class="numbers">
${both("time", spanText(estimate.seconds, seconds), seconds(used.seconds))}${
  sides}${money && cost.used ? both("cost", spanText(cost.move.total, money), spanText(cost.used.total, money)) : ""}
</dl>${cost?.usedUnknown === undefined ? "" : html`<p class="muted">${cost.usedUnknown}</p>`}</div></section>`;
}
