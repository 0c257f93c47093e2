/** Pulumi shows what a provider writes to its standard output; so does the local engine. Never a secret. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
