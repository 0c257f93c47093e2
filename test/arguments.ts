/** A whole number from a command line. Throws with the offending value. */
export function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(value) || value < 0) {
    throw new Error(`--${name} is ${JSON.stringify(text)}: give a whole number.`);
  }
  return value;
}

/** Ends the process with what `main` resolves to; with 2 and the message where it throws. */
export function runMain(main: () => Promise<number>): void {
  main().then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 2;
    },
  );
}
