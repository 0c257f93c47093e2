/** The one place in local/ that prints. */
export function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
