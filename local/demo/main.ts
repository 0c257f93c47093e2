import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { Command, Option } from "commander";

import { type Emulators, startEmulators } from "../emulators";
import { isRunning } from "../isRunning";
import { write } from "../output";
import { createWorkspace, type EngineChoice, openRunner, PROJECT_FOLDER, type StackRunner } from "../stack";
import { play } from "./play";
import { say } from "./say";

/** Encrypts the demo's own throw-away state; it protects nothing that outlives the demo. */
const PASSPHRASE = "landbridge-demo";

const NAME = "demo-";

/** A folder for this run, whose report stays until the next: two demos at once do not get into each other's way. */
function ownFolder(): string {
  const parent = join(PROJECT_FOLDER, ".landbridge");
  mkdirSync(parent, { recursive: true });
  for (const entry of readdirSync(parent).filter((name) => name.startsWith(NAME))) {
    const pid = Number(entry.slice(NAME.length));
    if (!isRunning(pid)) rmSync(join(parent, entry), { recursive: true, force: true });
  }
  return join(parent, `${NAME}${process.pid}`);
}

/** What an interrupted act could not show any more is no failure; what cannot be cleared away is one. */
async function playOn(
  emulators: Emulators,
  engine: EngineChoice,
  folder: string,
  signal: AbortSignal,
): Promise<"played" | "stopped"> {
  let runner: StackRunner | undefined;
  try {
    runner = await openRunner(engine, {
      folder,
      stack: "dev",
      emulatorsFile: emulators.file,
      passphrase: PASSPHRASE,
      print: (line) => write(`    ${line}`),
      signal,
    });
    await play({ runner, emulators, folder, signal });
    return "played";
  } catch (error) {
    if (!signal.aborted) throw error;
    return "stopped";
  } finally {
    try {
      await runner?.close();
    } finally {
      await emulators.stop();
    }
  }
}

/** Sets the stage, plays, and clears everything away, whatever happens. */
async function main(): Promise<void> {
  const startedAt = Date.now();
  const { engine } = new Command("demo")
    .description("Two organisations on this machine: tables move from one to the other, are proven equal, access goes.")
    .addOption(new Option("--engine <name>", "what runs the program").choices(["local", "pulumi"]).default("auto"))
    .parse()
    .opts<{ readonly engine: EngineChoice }>();
  const end = new AbortController();
  const interrupt = () => {
    if (end.signal.aborted) process.exit(130);
    write("Stopping: what is under way is finished, then everything is cleared away. Once more to leave at once.");
    end.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  const folder = createWorkspace(ownFolder());
  say("Starting two table services (Azurite) and a stand-in of the management API, on free ports of this machine.");
  const emulators = await startEmulators({
    folder: join(folder, ".landbridge", "emulators"),
    file: join(folder, ".landbridge", "emulators.json"),
  });
  const ended = await playOn(emulators, engine, folder, end.signal);
  process.off("SIGINT", interrupt);
  process.off("SIGTERM", interrupt);
  if (ended === "stopped") {
    say("Stopped.");
    process.exitCode = 130;
    return;
  }
  say(`Done in ${Math.round((Date.now() - startedAt) / 1_000)} s. Everything that was started is stopped.`);
}

main().catch((error: unknown) => {
  write(`The demo failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
