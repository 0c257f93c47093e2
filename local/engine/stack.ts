import { fork, type ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { transpiled } from "../transpiled";
import { stackOutputs } from "./perform";
import type { FromProcess, Operation, RunEvent, RunOrder, RunResult, StackOutput, ToProcess } from "./protocol";
import { StateFile, type ExportedState } from "./stateFile";

export interface StackOptions {
  /** Where Pulumi.yaml lies. */
  readonly projectFolder: string;
  readonly stack: string;
  readonly stateFile: string;
  /** Encrypts secrets in state, and opens those of the stack's configuration. May be empty, as with Pulumi. */
  readonly passphrase: string;
  /** For the program and its providers; by default this process's own. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly onEvent?: (event: RunEvent) => void;
  /** Aborted: what is under way is finished, nothing new begun, and the run fails. */
  readonly signal?: AbortSignal;
}

export interface LocalStack {
  preview(): Promise<RunResult>;
  up(): Promise<RunResult>;
  refresh(): Promise<RunResult>;
  destroy(): Promise<RunResult>;
  /** Of the last up; secrets are in the clear, and marked. */
  outputs(): Readonly<Record<string, StackOutput>>;
  /** As `pulumi stack export` has it; secrets encrypted, or as `plaintext` where asked. */
  exportState(showSecrets?: boolean): ExportedState;
}

function listen(child: ChildProcess, onEvent: (event: RunEvent) => void): void {
  const relay = (stream: NodeJS.ReadableStream | null, level: "info" | "warning"): void => {
    if (stream === null) return;
    createInterface({ input: stream }).on("line", (text) => onEvent({ kind: "log", level, text }));
  };
  relay(child.stdout, "info");
  relay(child.stderr, "warning");
}

function runInProcess(order: RunOrder, options: StackOptions): Promise<RunResult> {
  const { onEvent = () => undefined, environment = process.env, signal } = options;
  // A group of its own: Ctrl-C reaches us alone, and we decide what becomes of the run.
  const child = fork(resolve(__dirname, "runProcess.ts"), [], {
    execArgv: transpiled("@pulumi/pulumi"),
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    detached: true,
    env: environment,
  });
  listen(child, onEvent);
  const tell = (message: ToProcess): void => void (child.connected && child.send(message));
  const cancel = (): void => tell({ kind: "cancel" });
  return new Promise((settle, refuse) => {
    let result: RunResult | undefined;
    child.on("message", (message: FromProcess) => {
      if (message.kind === "event") onEvent(message.event);
      else result = message.result;
    });
    child.once("error", refuse);
    child.once("close", (code, killed) => {
      signal?.removeEventListener("abort", cancel);
      if (result !== undefined) settle(result);
      else refuse(new Error(`The run ended (${killed ?? `exit code ${code ?? "none"}`}) before it had a result.`));
    });
    tell({ kind: "run", order });
    if (signal?.aborted === true) cancel();
    signal?.addEventListener("abort", cancel, { once: true });
  });
}

/** Opens a stack for the local engine. Every run is a fresh process; two at a time on one state file are refused. */
export function openStack(options: StackOptions): LocalStack {
  const { stack, passphrase } = options;
  const projectFolder = resolve(options.projectFolder);
  const stateFile = resolve(options.stateFile);
  const start = (operation: Operation): Promise<RunResult> =>
    runInProcess({ operation, projectFolder, stack, stateFile, passphrase }, options);
  return {
    preview: () => start("preview"),
    up: () => start("up"),
    refresh: () => start("refresh"),
    destroy: () => start("destroy"),
    outputs: () => stackOutputs(new StateFile(stateFile, passphrase).opened),
    exportState: (showSecrets = false) => {
      const file = new StateFile(stateFile, passphrase);
      return file.show(file.opened, showSecrets);
    },
  };
}
