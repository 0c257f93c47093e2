import { memoryStore } from "../../migration/stores/memory";
import { type Ground, memoryGround } from "./ground";
import type { Side } from "./log";
import type { Scenario } from "./scenario";

/** Two empty accounts, each with its own clock. */
export async function openGrounds(
  _backend: Scenario["backend"],
  now: Readonly<Record<Side, () => number>>,
): Promise<Readonly<Record<Side, Ground>>> {
  return {
    source: memoryGround(memoryStore({ name: "contoso", now: now.source })),
    destination: memoryGround(memoryStore({ name: "fabrikam", now: now.destination })),
  };
}
