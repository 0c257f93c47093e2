import { CommanderError } from "commander";

import { version } from "../../package.json";
import { OperationalError } from "../engine/errors";
import type { CliIo } from "./io";
import { Output } from "./output";
import { buildProgram } from "./program";

const EXIT_INPUT_WRONG = 2;
/** A defect ended it at an unknown point: unknown is never "nothing was written". */
const EXIT_UNFINISHED = 3;

/** Looks like a credential: other processes have seen it by now, and it must be replaced. */
const CREDENTIAL = /AccountKey=|SharedAccessSignature=|\bsig=/i;

function logFormatOf(argv: readonly string[]): "text" | "json" {
  const at = argv.indexOf("--log");
  return argv[at + 1] === "json" && at >= 0 || argv.includes("--log=json") ? "json" : "text";
}

function refuseCredentials(argv: readonly string[]): void {
  const position = argv.findIndex((argument) => CREDENTIAL.test(argument));
  if (position < 0) return;
  throw new OperationalError({
    code: "CredentialOnCommandLine",
    message: `Argument ${position + 1} holds a credential, and every process on this machine can read a command ` +
      "line. Use LANDBRIDGE_SOURCE and LANDBRIDGE_DESTINATION, or ..._FILE, and consider this credential known.",
  });
}

/** The command line: runs `argv` (without node and script) and resolves with the exit code. Never rejects. */
export async function main(argv: readonly string[], io: CliIo): Promise<number> {
  const output = new Output(io, { quiet: false, log: logFormatOf(argv) });
  let exitCode = 0;
  try {
    refuseCredentials(argv);
    const program = buildProgram(io, version, output.redact, (code) => {
      exitCode = code;
    });
    if (argv.length === 0) {
      program.outputHelp({ error: true });
      return EXIT_INPUT_WRONG;
    }
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has printed its message itself; help and version end this way too, with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_INPUT_WRONG;
    output.error(error);
    return error instanceof OperationalError ? EXIT_INPUT_WRONG : EXIT_UNFINISHED;
  }
}
