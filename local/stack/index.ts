import { cliRunner } from "./cliRunner";
import { localRunner } from "./localRunner";
import { pulumiVersion } from "./pulumiCli";
import type { RunnerOptions, StackRunner } from "./runner";

export { pulumiVersion } from "./pulumiCli";
export type { RunnerOptions, StackRun, StackRunner } from "./runner";
export { configure, configureSecret, createWorkspace, PROJECT_FOLDER } from "./workspace";

export type EngineChoice = "local" | "pulumi" | "auto";

/** The Pulumi CLI where one answers, else the local engine; or the one that was asked for, or an error. */
export async function openRunner(choice: EngineChoice, options: RunnerOptions): Promise<StackRunner> {
  if (choice === "local") return localRunner(options);
  const version = pulumiVersion();
  if (version !== undefined) return cliRunner(options, version);
  if (choice === "auto") return localRunner(options);
  throw new Error(
    "There is no Pulumi CLI on PATH that answers `pulumi version`. Install it (npm package pulumi, or the official " +
      "installer), or leave out `--engine pulumi` to use the local engine.",
  );
}
