import { scheduleText as plainText } from "../schedule";
import type { LiveScenario } from "./scenario";

/** A scenario as people read it. */
export function scheduleText(scenario: LiveScenario): string {
  const { lateConflicts, decision, reconcileEveryHours, quietMinutes, moveMs, cosmos = false } = scenario;
  const asked = scenario.phases.map(({ asks, reconcile, runs }) => {
    return [asks, ...runs.map((run) => run.asks ?? ""), reconcile ? "(reconcile)" : ""].filter(Boolean).join(" ");
  });
  return [
    cosmos ? "into a destination without an order" : "into a destination with an order",
    `late conflicts ${lateConflicts}, in the end ${decision}; reconciles ` +
      `every ${reconcileEveryHours} h; quiet for ${quietMinutes} min; the application moves after ${moveMs} ms`,
    `phases ask for ${asked.join(", ")}`,
    plainText(scenario),
  ].join("\n");
}
