import { join } from "node:path";

import { Display, openStack, type LocalStack, type RunResult } from "../engine";
import type { RunnerOptions, StackRun, StackRunner } from "./runner";

type Operation = "preview" | "up" | "refresh" | "destroy";

/** The embedded engine: Node alone. */
export function localRunner(options: RunnerOptions): StackRunner {
  const { folder, stack, emulatorsFile, passphrase, signal } = options;
  const open = (onEvent: (event: Parameters<Display["show"]>[0]) => void): LocalStack =>
    openStack({
      projectFolder: folder,
      stack,
      stateFile: join(folder, ".landbridge", "stacks", `${stack}.json`),
      passphrase,
      environment: { ...process.env, LANDBRIDGE_EMULATORS: emulatorsFile },
      onEvent,
      ...(signal === undefined ? {} : { signal }),
    });
  // Said once is enough for one who watches several runs.
  let introduced = false;
  const run = async (operation: Operation): Promise<StackRun> => {
    const lines: string[] = [];
    const display = new Display(operation, stack, (line) => {
      lines.push(line);
      options.print(line);
    });
    display.begin(!introduced);
    introduced = true;
    const result: RunResult = await open((event) => display.show(event))[operation]();
    display.end(result);
    if (result.error !== undefined) lines.push(`error: ${result.error}`);
    return { ok: result.error === undefined, changes: result.changes, text: lines.join("\n") };
  };
  return {
    name: "the local engine",
    preview: () => run("preview"),
    up: () => run("up"),
    refresh: () => run("refresh"),
    destroy: () => run("destroy"),
    outputs: () => {
      const outputs = Object.entries(open(() => undefined).outputs());
      return Promise.resolve(Object.fromEntries(outputs.map(([name, { value }]) => [name, value])));
    },
    exportState: () => Promise.resolve(open(() => undefined).exportState()),
    close: () => Promise.resolve(),
  };
}
