import { resolve } from "node:path";
import { startEmulators } from ".";
import { write } from "../output";

/** `npm run emulators`: two organisations on this machine, until Ctrl-C. */
async function main(): Promise<void> {
  const folder = resolve(process.argv[2] ?? ".landbridge/emulators");
  const file = process.env.LANDBRIDGE_EMULATORS ?? resolve(".landbridge/emulators.json");
  const emulators = await startEmulators({ folder, file });
  const ended = new Promise<void>((end) => {
    process.once("SIGINT", () => end()).once("SIGTERM", () => end());
  });
  for (const [name, { tableEndpoint, exists }] of emulators.accounts) {
    write(`${name}: ${tableEndpoint}${exists ? "" : " (to be provisioned)"}`);
  }
  write(`management: ${emulators.management}`);
  write(`Programs find them through ${emulators.file}. Ctrl-C stops them; the data stays in ${folder}.`);
  await ended;
  write("Saving and stopping.");
  await emulators.stop();
}

main().catch((error: unknown) => {
  write(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
