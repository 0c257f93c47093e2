import { execute } from "../run/execute";
import { signingKeyFromEnvironment } from "../run/fromEnvironment";
import { credentialsFromInput } from "../run/fromInput";
import type { ExecuteRequest, ExecuteResult } from "../run/request";
import { credentialOf } from "./credentials";
import { interruptible } from "./interrupt";
import type { CliIo } from "./io";
import { checkTogether, requestOf } from "./options";
import type { RunOptions } from "./options";
import type { Output } from "./output";
import { preflightSummary, reportFields, runSummary } from "./summary";

/** The result, on stdout. */
function printResult(output: Output, options: RunOptions, result: ExecuteResult): void {
  const { exitCode, report, preflight, cost, signatureFile } = result;
  if (report !== undefined) {
    const files = { ...options, ...(signatureFile !== undefined && { signature: signatureFile }) };
    const signed = signatureFile === undefined ? {} : { signatureFile };
    output.result(runSummary(report, files), { exitCode, report: reportFields(report), ...signed });
  } else if (preflight !== undefined) {
    const text = preflightSummary(preflight, cost, options.prices !== undefined);
    output.result(text, { exitCode, preflight, ...(cost && { cost }) });
  }
}

/** Each error once, as a line on stderr, whichever tables met it. */
function printErrors(output: Output, { outcome, error }: ExecuteResult): void {
  const ofTables = (outcome?.tables ?? []).map((table) => table.error);
  const errors = [error, ...ofTables].filter((one) => one !== undefined);
  const byMessage = new Map(errors.map((one) => [one.message, one]));
  for (const one of byMessage.values()) output.error(one);
}

async function credentialsOf(io: CliIo, output: Output, options: RunOptions) {
  if (options.credentials !== "stdin") {
    return {
      source: await credentialOf(io, output, "source"),
      destination: await credentialOf(io, output, "destination"),
    };
  }
  const { source, destination } = credentialsFromInput(await io.readStdin());
  for (const { text } of [source, destination]) output.hide(text);
  return { source, destination };
}

/** `preflight`, `copy`, `sync` and `verify`. Throws OperationalError where options or environment are wrong. */
export async function runCommand(
  io: CliIo,
  output: Output,
  command: ExecuteRequest["command"],
  options: RunOptions,
): Promise<number> {
  checkTogether(options);
  const { source, destination } = await credentialsOf(io, output, options);
  const signing = await signingKeyFromEnvironment(io.env);
  const progress = output.progress();
  const result = await interruptible(io, (text) => progress.message(text), async (signal) => {
    try {
      return await execute({
        ...requestOf(command, options),
        source,
        destination,
        ...(signing && { signing }),
        signal,
        progress: (sample) => progress.show(sample),
        notice: (text) => progress.message(text),
      }, io.ports);
    } finally {
      progress.end();
    }
  });
  printResult(output, options, result);
  if (result.warning !== undefined) output.warning(result.warning);
  printErrors(output, result);
  return result.exitCode;
}
