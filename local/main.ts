import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Command } from "commander";
import { describeOutputs, Display } from "./engine/display";
import { openStack, type LocalStack, type StackOptions } from "./engine/stack";
import { write } from "./output";

interface Options {
  readonly stack: string;
  readonly project: string;
  readonly state?: string;
  readonly showSecrets?: boolean;
  readonly json?: boolean;
}

/** As Pulumi finds it: in PULUMI_CONFIG_PASSPHRASE, or in the file that PULUMI_CONFIG_PASSPHRASE_FILE names. */
function readPassphrase(environment: NodeJS.ProcessEnv): string {
  const { PULUMI_CONFIG_PASSPHRASE: passphrase, PULUMI_CONFIG_PASSPHRASE_FILE: file } = environment;
  if (passphrase !== undefined) return passphrase;
  if (file !== undefined && file !== "") return readFileSync(file, "utf8").trimEnd();
  throw new Error("Secrets in state are encrypted with a passphrase: set PULUMI_CONFIG_PASSPHRASE (it may be empty).");
}

function toStackOptions({ stack, project, state }: Options): StackOptions {
  return {
    projectFolder: resolve(project),
    stack,
    stateFile: resolve(project, state ?? `.landbridge/stacks/${stack}.json`),
    passphrase: readPassphrase(process.env),
  };
}

/** The first Ctrl-C lets running steps finish; the second ends this process, and the run ends likewise. */
function abortOnInterrupt(): AbortSignal {
  const controller = new AbortController();
  process.once("SIGINT", () => {
    write("Stopping: what is under way is finished. Once more to leave at once.");
    controller.abort();
  });
  return controller.signal;
}

async function run(operation: "preview" | "up" | "refresh" | "destroy", options: Options): Promise<void> {
  const display = new Display(operation, options.stack, write);
  display.begin();
  const signal = abortOnInterrupt();
  const stack: LocalStack = openStack({ ...toStackOptions(options), signal, onEvent: (event) => display.show(event) });
  const result = await stack[operation]();
  display.end(result);
  if (result.error !== undefined) process.exitCode = 1;
  if (result.error !== undefined && result.steps.length === 0) write(`error: ${result.error}`);
}

function showOutputs(options: Options): void {
  const outputs = openStack(toStackOptions(options)).outputs();
  const shown = Object.entries(outputs).map(([name, { value, secret }]) => {
    return [name, secret && options.showSecrets !== true ? "[secret]" : value] as const;
  });
  if (options.json === true) write(JSON.stringify(Object.fromEntries(shown), undefined, 2));
  else if (options.showSecrets === true) shown.forEach(([name, value]) => write(`${name}: ${JSON.stringify(value)}`));
  else describeOutputs(outputs).forEach((line) => write(line.trimStart()));
}

function exportState(options: Options): void {
  const exported = openStack(toStackOptions(options)).exportState(options.showSecrets === true);
  write(JSON.stringify(exported, undefined, 2));
}

async function main(): Promise<void> {
  const program = new Command("local").description("Run the Pulumi program with Node alone.");
  const command = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .option("--stack <name>", "the stack, whose configuration is Pulumi.<name>.yaml", "dev")
      .option("--project <folder>", "where Pulumi.yaml lies", ".")
      .option("--state <file>", "the state file (default: .landbridge/stacks/<stack>.json)");
  command("preview", "say what up would do").action((options: Options) => run("preview", options));
  command("up", "make it so").action((options: Options) => run("up", options));
  command("refresh", "write into state what is really there").action((options: Options) => run("refresh", options));
  command("destroy", "delete everything that is not retained").action((options: Options) => run("destroy", options));
  command("output", "show the stack's outputs")
    .option("--show-secrets", "secrets too, in the clear")
    .option("--json", "as JSON")
    .action(showOutputs);
  command("export", "show the state").option("--show-secrets", "secrets too, in the clear").action(exportState);
  await program.parseAsync();
}

main().catch((error: unknown) => {
  write(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
