import { OperationalError } from "../engine/errors";
import type { VerifyLevel } from "../engine/settings";
import { accessEnds, endsSoon, notFresh, proofsOf, readState } from "../report/stackState";
import type { CliIo } from "./io";
import type { Output } from "./output";
import { readText } from "./readText";

/** A stack's state is a few hundred resources; more is another file. */
const STATE_BYTES_MAX = 64 * 1024 * 1024;

export interface StackOptions {
  readonly verifiedWithin?: number;
  readonly accessFor?: number;
  readonly level?: VerifyLevel;
}

/**
 * `landbridge stack STATE`: what a stack's state tells of its move, held to what is asked. Exit code 1 where one of the
 * demands is not met. Throws OperationalError for a state that cannot be read, and where nothing is asked.
 */
export async function stackCommand(io: CliIo, output: Output, file: string, options: StackOptions): Promise<number> {
  const { verifiedWithin, accessFor, level: levelMin = "full" } = options;
  if (verifiedWithin === undefined && accessFor === undefined) {
    throw new OperationalError({
      code: "OptionsInvalid",
      message: "Nothing is asked of the stack. Add --verified-within, --access-for, or both.",
    });
  }
  const remedy = "Write it with `pulumi stack export`.";
  const text = await readText(file, { bytesMax: STATE_BYTES_MAX, code: "StateUnreadable", remedy });
  const state = readState(text, file);
  const nowMs = io.ports.clock.now();
  const unmet = [
    verifiedWithin === undefined ? undefined : notFresh(state, nowMs, { hoursMax: verifiedWithin, levelMin }),
    accessFor === undefined ? undefined : endsSoon(state, nowMs, accessFor),
  ].filter((one) => one !== undefined);
  const exitCode = unmet.length === 0 ? 0 : 1;
  const accessExpiresOn = accessEnds(state);
  output.result(exitCode === 0 ? "The stack is as it should be." : unmet.join("\n"), {
    exitCode, unmet, proofs: proofsOf(state, levelMin), ...(accessExpiresOn !== undefined && { accessExpiresOn }),
  });
  return exitCode;
}
