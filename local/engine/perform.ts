import { deleteAll } from "./deletion";
import { runProgram } from "./program";
import { readProject } from "./project";
import { errorText } from "./provider";
import type { RunEvent, RunOrder, RunResult, StackOutput } from "./protocol";
import { refresh } from "./refresh";
import { Run, RunEnded } from "./run";
import { SecretFilter } from "./secretFilter";
import { Snapshot } from "./snapshot";
import { lockState, StateFile, type Checkpoint } from "./stateFile";
import { STACK_TYPE } from "./urn";
import { hasSecret, stripSecrets, type Properties } from "./value";

function toOutputs(outputs: Properties): Readonly<Record<string, StackOutput>> {
  const entries = Object.entries(outputs).map(([name, value]) => {
    return [name, { value: stripSecrets(value), secret: hasSecret(value) }] as const;
  });
  return Object.fromEntries(entries);
}

/** The outputs of the last run that got as far as having some. */
export function stackOutputs({ resources }: Checkpoint): Readonly<Record<string, StackOutput>> {
  return toOutputs(resources.find(({ type }) => type === STACK_TYPE)?.outputs ?? {});
}

/** Runs the program; then deletes what an earlier run left and this one no longer declares. */
async function update(run: Run): Promise<Properties> {
  const stack = await runProgram(run);
  if (run.error === undefined) await deleteAll(run, [...run.snapshot.olds(), ...run.snapshot.condemned()]);
  return stack?.outputs ?? {};
}

async function carryOut(run: Run): Promise<Properties> {
  const { operation, snapshot } = run;
  if (operation === "preview" || operation === "up") return await update(run);
  // Shims in state find their handlers from the project's folder.
  process.chdir(run.project.folder);
  if (operation === "destroy") await deleteAll(run, snapshot.resources());
  else await refresh(run);
  return snapshot.resources().find(({ type }) => type === STACK_TYPE)?.outputs ?? {};
}

function warnOfPending({ pendingOperations }: Checkpoint, run: Run): void {
  for (const { type, urn } of pendingOperations) {
    const text = `The last run ended while it was ${type} ${urn}: whether that came to anything is not known.`;
    run.log("warning", text);
  }
}

export interface RunHandle {
  /** Lets running steps finish and begins no new ones. */
  cancel(): void;
  /** There is nothing left that could ever happen, and the run has not ended. */
  stall(): void;
  /** Passes on what the program printed, without secrets. */
  say(level: "info" | "warning", text: string): void;
}

/**
 * Carries out one run from beginning to end. Never throws for what a run may meet: that is in the result.
 * `onRun` is handed what the surroundings may do with a run that is under way.
 */
export async function perform(
  order: RunOrder,
  emit: (event: RunEvent) => void,
  onRun: (handle: RunHandle) => void,
): Promise<RunResult> {
  const { operation, projectFolder, stack, stateFile: file, passphrase } = order;
  const failed = (error: string): RunResult => {
    return { changes: { create: 0, update: 0, delete: 0, replace: 0, same: 0 }, steps: [], outputs: {}, error };
  };
  let release: () => void = () => undefined;
  try {
    release = lockState(file);
    const project = readProject(projectFolder, stack, passphrase);
    const stateFile = new StateFile(file, passphrase);
    const write = (checkpoint: Checkpoint): void => {
      if (operation !== "preview") stateFile.write(checkpoint);
    };
    const filter = new SecretFilter();
    for (const key of project.secretKeys) filter.learnText(project.config[key] ?? "");
    for (const { inputs, outputs } of stateFile.opened.resources) {
      filter.learn(inputs);
      filter.learn(outputs);
    }
    const run = new Run(operation, project, new Snapshot(stateFile.opened, write), filter, emit);
    onRun({
      cancel: () => run.fail("Cancelled: what was under way was finished, nothing new was begun."),
      stall: () => run.fail("The program waits for something that never comes: a promise or output without an end."),
      say: (level, text) => run.log(level, text.replace(/^(info|warning|error): \[runtime\] /, "")),
    });
    warnOfPending(stateFile.opened, run);
    let outputs: Properties = {};
    try {
      outputs = await carryOut(run);
    } catch (error) {
      if (!(error instanceof RunEnded)) run.fail(errorText(error));
    }
    await run.idle();
    const { counts: changes, steps, error } = run;
    return { changes, steps, outputs: toOutputs(outputs), ...(error === undefined ? {} : { error }) };
  } catch (error) {
    return failed(errorText(error));
  } finally {
    release();
  }
}
