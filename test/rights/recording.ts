import { setTimeout as sleep } from "node:timers/promises";

import type { DataCall, Emulators, RecordedCall } from "../../local/emulators";

/** What the two sides were asked for, as the servers received it. */
export interface Recorded {
  readonly managed: readonly RecordedCall[];
  readonly data: readonly DataCall[];
}

/** Long enough for an answer to get out on a slow machine. */
const QUIET_MS = 300;

/** A request is written down once its answer is out, which is a little after who asked has it. */
async function settled({ dataCalls }: Emulators): Promise<void> {
  let before = -1;
  while (dataCalls().length !== before) {
    before = dataCalls().length;
    await sleep(QUIET_MS);
  }
}

/** Begins to listen; what it gives back tells all that was asked for since. */
export async function listenIn(emulators: Emulators): Promise<() => Promise<Recorded>> {
  await settled(emulators);
  const [managed, data] = [emulators.calls().length, emulators.dataCalls().length];
  return async () => {
    await settled(emulators);
    return { managed: emulators.calls().slice(managed), data: emulators.dataCalls().slice(data) };
  };
}

/** What is asked for while `run` lasts; not what people do before and after. */
export async function during(emulators: Emulators, run: () => Promise<void>): Promise<Recorded> {
  const heard = await listenIn(emulators);
  await run();
  return await heard();
}

export function merged(parts: readonly Recorded[]): Recorded {
  return { managed: parts.flatMap(({ managed }) => managed), data: parts.flatMap(({ data }) => data) };
}
