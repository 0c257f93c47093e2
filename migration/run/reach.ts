import { OperationalError } from "../engine/errors";
import { Gate } from "../engine/gate";
import { withRetry } from "../engine/retry";
import type { RunSettings } from "../engine/settings";
import type { Store } from "../engine/store";
import type { OpenStores } from "./openStores";
import type { RunPorts } from "./ports";

/** A person waits and nothing has begun: what cannot be reached is said soon, not after minutes of patience. */
const SOON = { attemptsMax: 3, baseMs: 200, delayMsMax: 1_000 };

type Waiting = Pick<RunPorts, "clock" | "random">;

/** Makes one request to a store before anything began. Throws OperationalError. */
export async function askSoon<T>(
  store: Store,
  { clock, random }: Waiting,
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T> {
  return withRetry({ clock, random, signal, gate: new Gate(1, clock, signal, store.name) }, ask, SOON);
}

/**
 * Makes sure that both sides answer to this credential, by looking for a table on each: for runs that read only, and
 * so need no preflight. Throws OperationalError that names the side.
 */
export async function reachBoth(
  { source, destination }: OpenStores,
  { tables }: RunSettings,
  ports: Waiting,
  signal: AbortSignal,
): Promise<void> {
  const first = tables[0];
  if (first === undefined) return;
  const sides = [
    { side: "source", store: source, table: first.table },
    { side: "destination", store: destination, table: first.destinationTable },
  ];
  for (const { side, store, table } of sides) {
    try {
      await askSoon(store, ports, signal, () => store.tableExists(table));
    } catch (cause) {
      if (!(cause instanceof OperationalError) || signal.aborted) throw cause;
      const message = `${store.name} cannot be used as ${side}: ${cause.message}`;
      throw new OperationalError({ code: cause.code, message, cause });
    }
  }
}
