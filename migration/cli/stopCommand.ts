import { requestStop } from "../engine";
import { parseCredential } from "../run/credentials";
import { credentialOf } from "./credentials";
import { interruptible } from "./interrupt";
import type { CliIo } from "./io";
import type { Output } from "./output";

export interface StopOptions {
  /** A destination table; all of them otherwise. */
  readonly table?: string;
}

/** `landbridge stop`: asks whoever works on the destination, on whatever machine, to stop. */
export async function stopCommand(io: CliIo, output: Output, options: StopOptions): Promise<number> {
  const { text, origin } = await credentialOf(io, output, "destination");
  const { clock, random, openStore, openJournal } = io.ports;
  const credential = parseCredential(text, "destination", { origin, nowMs: clock.now() });
  const destination = openStore(credential, (notice) => output.warning(notice));
  try {
    const holders = await interruptible(io, () => undefined, async (signal) => {
      const journal = openJournal(destination, () => undefined);
      return requestStop({ journal, clock, random, signal, destination }, options.table);
    });
    const lines = holders.map(({ owner, runId, since }) =>
      `Asked ${owner} (run ${runId}, at work since ${since}) to stop at its next acknowledged batch.`);
    const nobody = `Nobody is at work on ${options.table === undefined ? destination.name : `table ${options.table}`}.`;
    output.result(lines.length === 0 ? nobody : lines.join("\n"), { exitCode: 0, asked: holders });
    return 0;
  } finally {
    await destination.close();
  }
}
