import { memoryStore } from "../../migration/stores/memory";
import { type Ground, memoryGround } from "./ground";
import type { Side } from "./log";
import type { Scenario } from "./scenario";
import { cosmosGround } from "./cosmosGround";
import { serviceGround } from "./serviceGround";

/** Two empty accounts, each with its own clock. */
export async function openGrounds(
  { backend, seed, cosmos = false }: Scenario,
  now: Readonly<Record<Side, () => number>>,
): Promise<Readonly<Record<Side, Ground>>> {
  const open = (name: string, clock: () => number) =>
    backend === "service" ? serviceGround(name, clock, seed) : memoryGround(memoryStore({ name, now: clock }));
  if (cosmos) {
    const destination = cosmosGround(memoryStore({ name: "fabrikam", now: now.destination }));
    return { source: await open("contoso", now.source), destination };
  }
  return { source: await open("contoso", now.source), destination: await open("fabrikam", now.destination) };
}
