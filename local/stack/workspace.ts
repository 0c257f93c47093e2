import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** The project's root. */
export const PROJECT_FOLDER = resolve(__dirname, "..", "..");

/** What a workspace has of its own: configuration that a run may change, state and reports. */
const OWN = /^(\.|Pulumi\.)/;

/**
 * A folder in which the project looks like itself, but with stack configuration, state and reports of its own: runs
 * for show and for tests do not touch a user's. Everything else is a link to the real thing.
 */
export function createWorkspace(folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const entry of readdirSync(PROJECT_FOLDER, { withFileTypes: true })) {
    const from = join(PROJECT_FOLDER, entry.name);
    if (/^Pulumi\.[^/]*yaml$/.test(entry.name)) copyFileSync(from, join(folder, entry.name));
    // A junction needs no special right on Windows; elsewhere the kind is ignored.
    else if (!OWN.test(entry.name)) {
      symlinkSync(from, join(folder, entry.name), entry.isDirectory() ? "junction" : "file");
    }
  }
  return folder;
}

/** Changes the text of a workspace's stack configuration. `change` must change something. */
export function editConfiguration(folder: string, stack: string, change: (text: string) => string): void {
  const file = join(folder, `Pulumi.${stack}.yaml`);
  const before = readFileSync(file, "utf8");
  const after = change(before);
  if (after === before) throw new Error(`Nothing was changed in the configuration of stack ${stack}.`);
  writeFileSync(file, after);
}
