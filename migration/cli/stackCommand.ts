import { OperationalError } from "../engine/errors";
import { endsSoon, notFresh, readOutputs } from "../report/stackOutputs";
import type { CliIo } from "./io";
import type { Output } from "./output";
import { readText } from "./readText";

/** A stack's outputs are a few hundred lines. */
const OUTPUTS_BYTES_MAX = 16 * 1024 * 1024;

export interface StackOptions {
  readonly verifiedWithin?: number;
  readonly accessFor?: number;
}

/**
 * `landbridge stack OUTPUTS`: what a stack's outputs tell of its move, held to what is asked. Exit code 1 where one of
 * the demands is not met. Throws OperationalError for outputs that cannot be read, and where nothing is asked.
 */
export async function stackCommand(io: CliIo, output: Output, file: string, options: StackOptions): Promise<number> {
  const { verifiedWithin, accessFor } = options;
  if (verifiedWithin === undefined && accessFor === undefined) {
    throw new OperationalError({
      code: "OptionsInvalid",
      message: "Nothing is asked of the stack. Add --verified-within, --access-for, or both.",
    });
  }
  const remedy = "Write it with `pulumi stack output --json`.";
  const text = await readText(file, { bytesMax: OUTPUTS_BYTES_MAX, code: "OutputsUnreadable", remedy });
  const outputs = readOutputs(text, file);
  const nowMs = io.ports.clock.now();
  const unmet = [
    verifiedWithin === undefined ? undefined : notFresh(outputs, nowMs, verifiedWithin),
    accessFor === undefined ? undefined : endsSoon(outputs, nowMs, accessFor),
  ].filter((one) => one !== undefined);
  const exitCode = unmet.length === 0 ? 0 : 1;
  const { verdict, verifiedAt, accessExpiresOn } = outputs;
  output.result(exitCode === 0 ? "The stack is as it should be." : unmet.join("\n"), {
    exitCode, unmet, ...(verdict !== undefined && { verdict }), ...(verifiedAt !== undefined && { verifiedAt }),
    ...(accessExpiresOn !== undefined && { accessExpiresOn }),
  });
  return exitCode;
}
