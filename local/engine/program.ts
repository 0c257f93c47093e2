import { createRequire } from "node:module";
import type * as Pulumi from "@pulumi/pulumi";
import { Monitor } from "./monitor";
import { errorText } from "./provider";
import type { ResourceState } from "./resourceState";
import { RunEnded, type Run } from "./run";

/** The SDK reads these when it is loaded, so they are set before. */
function setEnvironment(run: Run): void {
  const { project } = run;
  Object.assign(process.env, {
    PULUMI_NODEJS_PROJECT: project.name,
    PULUMI_NODEJS_STACK: project.stack,
    PULUMI_NODEJS_ROOT_DIRECTORY: project.folder,
    PULUMI_NODEJS_DRY_RUN: String(run.preview),
  });
  process.chdir(project.folder);
}

/** Errors meant for people come without a stack; for all others, where they were thrown is what helps. */
function describe(pulumi: typeof Pulumi, error: unknown): string {
  if (pulumi.RunError.isInstance(error) || pulumi.ResourceError.isInstance(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : errorText(error);
}

/** gRPC errors of ours come back to us through promises that nobody awaits. */
function isOwnEnd(error: unknown): boolean {
  if (error instanceof RunEnded) return true;
  return typeof error === "object" && error !== null && "code" in error && error.code === 1;
}

const turn = (): Promise<void> => new Promise((next) => void setImmediate(next));

/** Until nothing is asked any more: outputs that resolve late may register resources late. */
async function settle(pulumi: typeof Pulumi, run: Run, monitor: Monitor): Promise<void> {
  let seen = -1;
  while (seen !== monitor.calls && run.error === undefined) {
    seen = monitor.calls;
    await pulumi.runtime.disconnect();
    await run.idle();
    for (let turns = 0; turns < 10; turns += 1) await turn();
  }
  await run.idle();
}

/**
 * Runs the project's program, unchanged, against the monitor of this run. Returns the stack with its outputs, once
 * all steps have ended; run.error says whether it failed.
 */
export async function runProgram(run: Run): Promise<ResourceState | undefined> {
  const { project } = run;
  setEnvironment(run);
  const load = createRequire(project.main);
  const pulumi = load("@pulumi/pulumi") as typeof Pulumi;
  const monitor = new Monitor(run);
  pulumi.runtime.setMockOptions(monitor, project.name, project.stack, run.preview, "organization");
  pulumi.runtime.setAllConfig({ ...project.config }, [...project.secretKeys]);
  const onError = (error: unknown): void => {
    if (!isOwnEnd(error)) run.fail(describe(pulumi, error));
  };
  process.on("unhandledRejection", onError).on("uncaughtException", onError);
  try {
    const ended = pulumi.runtime.runInPulumiStack(async () => {
      const exported = load(project.main) as unknown;
      return typeof exported === "function" ? ((await exported()) as object) : exported;
    });
    // A failed step leaves outputs that never resolve, and with them a program that never ends.
    await Promise.race([ended.then(() => settle(pulumi, run, monitor), onError), run.failure]);
    await run.idle();
    for (let turns = 0; turns < 10; turns += 1) await turn();
    return monitor.stack;
  } finally {
    process.off("unhandledRejection", onError).off("uncaughtException", onError);
  }
}
