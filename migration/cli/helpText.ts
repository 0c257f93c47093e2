/** Lines of variables, by what they hold. */
function variables(...lines: readonly (readonly [names: string, what: string])[]): string {
  return lines.map(([names, what]) => `  ${names.padEnd(53)}  ${what}`).join("\n");
}

/** Where the credentials of these sides may be. */
function places(...sides: readonly string[]): string {
  const named = (ending: string) => sides.map((side) => `LANDBRIDGE_${side}${ending}`).join(", ");
  return variables(
    [named(""), "a connection string, a SAS URL or a credential bundle"],
    [named("_FILE"), "the path of a file that holds one"],
    [named("_VAULT"), "a Key Vault's secret, https://<vault>/secrets/<name>"],
  );
}

const SIGNING = `
Reports are signed where one of these is set:
${variables(
  ["LANDBRIDGE_SIGNING_KEY", "a private key in PEM, or a Key Vault key's https address"],
  ["LANDBRIDGE_SIGNING_KEY_FILE", "the path of a file that holds one"],
)}`;

const CREDENTIALS = `
Source and destination come from the environment, or with --credentials stdin from there; never from the command line:
${places("SOURCE", "DESTINATION")}${SIGNING}`;

const DESTINATION = `
The destination comes from the environment, never from the command line:
${places("DESTINATION")}`;

const RUN_CODES = `
Exit codes:
  0  done and equal
  1  differences, or conflicts that were refused
  2  nothing was written, and what was given is wrong or cannot be reached
  3  it began and could not finish; the same command resumes`;

const REPORT_CODES = `
Exit codes:
  0  the report is unchanged; with --check, it says that the sides are equal, or in the phase that was asked for
  1  what was asked for is not so: with --check, there are differences; --level and --lag-minutes-max
  2  no report, one that was changed, or a signature that does not fit
  3  with --check: the run could not finish, or left the proof to another one`;

const STACK_CODES = `
Exit codes:
  0  the stack is as it should be
  1  what was asked for is not so
  2  no state that can be read, or nothing was asked for`;

const PLAIN_CODES = `
Exit codes:
  0  done
  2  what was given is wrong or cannot be reached
  3  it began and could not finish; the same command goes on`;

/** What stands below the options, by what a command is. */
export const HELP_ENDS = {
  run: `${CREDENTIALS}\n${RUN_CODES}`,
  report: `${SIGNING}\n${REPORT_CODES}`,
  stack: STACK_CODES,
  stop: `${DESTINATION}\n${PLAIN_CODES}`,
  access: PLAIN_CODES,
} as const;

/** Examples of a command's use, and what stands below the options of all its like. */
export function helpText(kind: keyof typeof HELP_ENDS, ...examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((line) => `  $ ${line}`).join("\n")}\n${HELP_ENDS[kind]}`;
}
