import { type ChildProcess, fork, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

import type { ChangeCounts } from "../engine";
import { transpiled } from "../transpiled";
import { PROJECT_FOLDER } from "./workspace";
import type { RunnerOptions, StackRun, StackRunner } from "./runner";

/** `    + 12 created`, `    ~ 1 to update`, `    3 unchanged`: the CLI's own summary. */
const COUNTED: readonly (readonly [keyof ChangeCounts, RegExp])[] = [
  ["create", /^\s*\+ +(\d+) (?:to create|created)/],
  ["update", /^\s*~ +(\d+) (?:to update|updated)/],
  ["replace", /^\s*\+- ?(\d+) (?:to replace|replaced)/],
  ["delete", /^\s*- +(\d+) (?:to delete|deleted)/],
  ["same", /^\s*(\d+) unchanged/],
];

/** Reads the last summary in what a command printed. */
export function readCounts(text: string): ChangeCounts {
  const counts = { create: 0, update: 0, delete: 0, replace: 0, same: 0 };
  const summary = text.slice(Math.max(0, text.lastIndexOf("Resources:")));
  for (const line of summary.split("\n")) {
    for (const [name, pattern] of COUNTED) {
      const found = pattern.exec(line);
      if (found) counts[name] = Number(found[1]);
    }
  }
  return counts;
}

/** The provider stand-ins in a process of their own, which the CLI attaches to instead of starting a plugin. */
async function startProviders(
  options: RunnerOptions,
): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = fork(resolve(PROJECT_FOLDER, "local", "providers", "serve.ts"), [], {
    execArgv: transpiled("@pulumi/pulumi/proto/provider_grpc_pb"),
    stdio: ["ignore", "pipe", "inherit", "ipc"],
    env: { ...process.env, LANDBRIDGE_EMULATORS: options.emulatorsFile },
  });
  const port = await new Promise<number>((found, refuse) => {
    child.once("error", refuse);
    child.once("exit", (code) => refuse(new Error(`The provider stand-ins ended with ${code} before they answered.`)));
    if (child.stdout === null) return refuse(new Error("The provider stand-ins have no output."));
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (/^\d+$/.test(line)) found(Number(line));
    });
  });
  return { child, port };
}

/** A home, a backend and a passphrase of its own: the user's account and stacks are never touched. */
function environmentOf({ folder, emulatorsFile, passphrase }: RunnerOptions, port: number): NodeJS.ProcessEnv {
  const backend = join(folder, ".landbridge", "pulumi");
  mkdirSync(backend, { recursive: true });
  return {
    ...process.env,
    PULUMI_HOME: join(backend, "home"),
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    PULUMI_DEBUG_PROVIDERS: `azure-native:${port}`,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "true",
    LANDBRIDGE_EMULATORS: emulatorsFile,
    NO_COLOR: "1",
  };
}

interface Finished {
  readonly code: number | null;
  readonly text: string;
}

function pulumi(options: RunnerOptions, env: NodeJS.ProcessEnv, args: readonly string[], shown: boolean) {
  return new Promise<Finished>((finish, refuse) => {
    const lines: string[] = [];
    // A group of its own: Ctrl-C reaches us alone, and we decide what becomes of the run.
    const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], {
      cwd: options.folder,
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const interrupt = () => child.kill("SIGINT");
    options.signal?.addEventListener("abort", interrupt, { once: true });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        lines.push(line);
        if (shown) options.print(line);
      });
    }
    child.once("error", refuse);
    child.once("close", (code) => {
      options.signal?.removeEventListener("abort", interrupt);
      finish({ code, text: lines.join("\n") });
    });
  });
}

/** The Pulumi CLI on PATH, with the same stand-ins and emulators as the local engine. */
export async function cliRunner(options: RunnerOptions, version: string): Promise<StackRunner> {
  const { child, port } = await startProviders(options);
  const env = environmentOf(options, port);
  const { stack } = options;
  const must = async (...args: readonly string[]): Promise<string> => {
    const { code, text } = await pulumi(options, env, args, false);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}:\n${text}`);
    return text;
  };
  const run = async (...args: readonly string[]): Promise<StackRun> => {
    const { code, text } = await pulumi(options, env, [...args, "--stack", stack], true);
    return { ok: code === 0, changes: readCounts(text), text };
  };
  try {
    await must("stack", "init", stack);
  } catch (error) {
    child.kill();
    throw error;
  }
  return {
    name: `the Pulumi CLI ${version}`,
    preview: () => run("preview", "--diff=false"),
    up: () => run("up", "--yes", "--skip-preview"),
    refresh: () => run("refresh", "--yes", "--skip-preview"),
    destroy: () => run("destroy", "--yes", "--skip-preview"),
    outputs: async () => JSON.parse(await must("stack", "output", "--json", "--show-secrets", "--stack", stack)),
    exportState: async () => JSON.parse(await must("stack", "export", "--stack", stack)),
    close: async () => {
      const ended = new Promise((done) => child.once("exit", done));
      if (child.exitCode === null && child.kill()) await ended;
    },
  };
}
