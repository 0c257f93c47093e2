import { Command, Option } from "commander";

import { VERIFY_LEVELS } from "../engine/settings";
import { accessListCommand, accessRemoveCommand } from "./accessCommand";
import type { AccountOptions, RemoveOptions } from "./accessCommand";
import { HELP_ENDS, helpText } from "./helpText";
import type { CliIo } from "./io";
import {
  addEstimateOptions, addFileOptions, addOutputOptions, addPolicyOptions, addReportOptions, addSyncOptions,
  addTableOptions, readHours, wholeNumber,
} from "./options";
import type { RunOptions } from "./options";
import { Output } from "./output";
import type { LogFormat } from "./output";
import { reportCommand } from "./reportCommand";
import type { ReportOptions } from "./reportCommand";
import { runCommand } from "./runCommand";
import { stackCommand } from "./stackCommand";
import type { StackOptions } from "./stackCommand";
import { stopCommand } from "./stopCommand";
import type { StopOptions } from "./stopCommand";

interface Printing {
  readonly quiet?: boolean;
  readonly log: LogFormat;
}

/** Takes the exit code of the command that ran. */
export type Finish = (exitCode: number) => void;

function outputOf(io: CliIo, { quiet, log }: Printing): Output {
  return new Output(io, { quiet: quiet ?? false, log });
}

function addRunCommands(program: Command, io: CliIo, finish: Finish): void {
  const run = (command: "preflight" | "copy" | "verify" | "sync") => async (options: RunOptions) =>
    finish(await runCommand(io, outputOf(io, options), command, options));

  const preflight = program.command("preflight").description("check everything a copy needs, and write nothing");
  addOutputOptions(addEstimateOptions(addTableOptions(preflight))).action(run("preflight"))
    .addHelpText("after", helpText("run", "landbridge preflight --tables Cities,Orders",
      "landbridge preflight --all --prices prices.yaml"));

  const copy = program.command("copy")
    .description("make the destination match the source, and verify it; run again, it writes only what differs");
  const compared = addReportOptions(addPolicyOptions(addTableOptions(copy), "copy"), "copy");
  addOutputOptions(addEstimateOptions(compared)).action(run("copy"))
    .addHelpText("after", helpText(
      "run",
      "landbridge copy --all --report report.json --html report.html",
      "landbridge copy --tables Cities --rename-table Cities=Towns --rename-property Cities.pop=population",
      "landbridge copy --all --deletes propagate --dry-run",
      `landbridge copy --tables Orders --filter "PartitionKey ge '2025'" --mode merge`,
    ));

  const sync = program.command("sync")
    .description("move tables while an application writes them: follow changes, switch, drain; run it again and again");
  addOutputOptions(addFileOptions(addSyncOptions(addTableOptions(sync)))).action(run("sync"))
    .addHelpText("after", helpText(
      "run",
      "landbridge sync --all",
      "landbridge sync --all --phase switched --report switch.json",
      "landbridge sync --all --phase switched --reconcile --late-conflicts destination-wins",
      "landbridge sync --all --phase drained --quiet-minutes 60",
      "landbridge sync --tables Cities,Orders --phase done",
    ));

  const verify = program.command("verify").description("compare source and destination, whoever made the copy");
  addOutputOptions(addReportOptions(addPolicyOptions(addTableOptions(verify), "verify"), "verify"))
    .action(run("verify"))
    .addHelpText("after", helpText(
      "run",
      "landbridge verify --all --html report.html",
      "landbridge verify --tables Cities --differences differences.jsonl --show-values",
      "landbridge verify --all --verify sample --sample-rows 5000 --seed 7",
    ));
}

/** A week: who waits longer is not following. */
const readLag = wholeNumber(1, 10_080);

function addReportCommand(program: Command, io: CliIo, finish: Finish): void {
  const report = program.command("report")
    .description("show a report, check its hash, and render it for people")
    .argument("<file.json>", "what --report wrote")
    .option("--html <file.html>", "write the report as one page")
    .option("--check", "let the exit code tell the report's verdict")
    .addOption(new Option("--level <level>", "fail where the rows were compared at a lower level of verification")
      .choices(VERIFY_LEVELS))
    .option("--lag-minutes-max <n>", "fail where a live move's last run leaves more lag than this, by now", readLag)
    .option("--public-key <file>", "check the report's signature with this public key, certificate or JSON Web Key")
    .option("--signature <file.jws>", "where the signature is, or goes; beside the report otherwise")
    .option("--sign", "sign the report with LANDBRIDGE_SIGNING_KEY or LANDBRIDGE_SIGNING_KEY_FILE");
  addOutputOptions(report)
    .action(async (file: string, options: ReportOptions & Printing) =>
      finish(await reportCommand(io, outputOf(io, options), file, options)))
    .addHelpText("after", helpText("report", "landbridge report report.json --html report.html",
      "landbridge report report.json --check && echo equal",
      "landbridge report report.json --check --level full --public-key evidence.pub"));
}

function addStackCommand(program: Command, io: CliIo, finish: Finish): void {
  const stack = program.command("stack")
    .description("hold a stack's state to what should be: a fresh proof, access that does not end unnoticed")
    .argument("<state.json>", "what `pulumi stack export` printed")
    .option("--verified-within <hours>", "fail unless every row was proven equal in the last hours", readHours)
    .addOption(new Option("--level <level>", "what counts as a proof: this level of verification, or above")
      .choices(VERIFY_LEVELS).default("full"))
    .option("--access-for <hours>", "fail where open access ends within the hours", readHours);
  addOutputOptions(stack)
    .action(async (file: string, options: StackOptions & Printing) =>
      finish(await stackCommand(io, outputOf(io, options), file, options)))
    .addHelpText("after", helpText("stack", "pulumi stack export > state.json",
      "landbridge stack state.json --verified-within 24 && pulumi destroy",
      "landbridge stack state.json --access-for 24"));
}

function addStopCommand(program: Command, io: CliIo, finish: Finish): void {
  const stop = program.command("stop")
    .description("ask whoever works on the destination, on any machine, to stop at the next acknowledged batch")
    .option("--table <name>", "only who works on this destination table");
  addOutputOptions(stop)
    .action(async (options: StopOptions & Printing) => finish(await stopCommand(io, outputOf(io, options), options)))
    .addHelpText("after", helpText("stop", "landbridge stop", "landbridge stop --table Cities"));
}

function addAccountOptions(command: Command): Command {
  return addOutputOptions(command
    .requiredOption("--account <name>", "the storage account")
    .option("--subscription <id>", "its subscription")
    .option("--resource-group <name>", "its resource group")
    .option("--tenant <id>", "the tenant to sign in to; that of the ambient identity otherwise")
    .option("--emulator", "an account of the emulators on this machine"));
}

function addAccessCommand(program: Command, io: CliIo, finish: Finish): void {
  const access = program.command("access").description("find and remove temporary access, when the state is lost");
  const where = "--account contoso --subscription 0b1f6471-1bf0-4dda-aec3-cb9272f09590 --resource-group data";
  addAccountOptions(access.command("list").description("what bears landbridge's name on an account"))
    .action(async (options: AccountOptions & Printing) =>
      finish(await accessListCommand(io, outputOf(io, options), options)))
    .addHelpText("after", helpText("access", `landbridge access list ${where}`));
  const remove = access.command("remove")
    .description("remove it: the tokens that name these policies are refused at once; data and others' policies stay")
    .option("--policy <ids...>", "only these policies")
    .option("--journal", "the journal's table too; a move that is under way forgets what it wrote");
  addAccountOptions(remove)
    .action(async (options: RemoveOptions & Printing) =>
      finish(await accessRemoveCommand(io, outputOf(io, options), options)))
    .addHelpText("after", helpText("access", `landbridge access remove ${where}`));
}

/** `unknown option '--password=x'` -> `unknown option '--password=...'`: nobody knows what an unknown option holds. */
function withoutValue(text: string): string {
  return text.replace(/(unknown option '-{1,2}[^\s='"]+)=[\s\S]*?'(?=\n|$)/, "$1=...'");
}

/** The command line as commander knows it. It prints through `io` and never ends the process. */
export function buildProgram(
  io: CliIo,
  version: string,
  redact: (text: string) => string,
  finish: Finish,
): Command {
  const program = new Command("landbridge")
    .description("Move tables between organisations, accounts and clouds, and prove that nothing changed on the way.")
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(redact(withoutValue(text))),
    })
    .showHelpAfterError("(landbridge --help shows what there is; landbridge COMMAND --help the options)");
  addRunCommands(program, io, finish);
  addReportCommand(program, io, finish);
  addStackCommand(program, io, finish);
  addStopCommand(program, io, finish);
  addAccessCommand(program, io, finish);
  program.addHelpText("after", HELP_ENDS.run);
  return program;
}
