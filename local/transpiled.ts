/**
 * Arguments of Node for a process whose entry is TypeScript. `packages` are loaded first: what transpiles on load looks
 * into every file that is loaded after it, and a large package takes twice as long then.
 */
export function transpiled(...packages: readonly string[]): string[] {
  return [...packages, "tsx/cjs"].flatMap((each) => ["--require", require.resolve(each)]);
}
