import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { parseDocument } from "yaml";

import { newPulumiCrypter } from "../engine/crypter";

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

/** Sets a secret of a workspace's stack configuration, as `pulumi config set --secret` does on a stack without any. */
export function configureSecret(folder: string, stack: string, key: string, value: string, passphrase: string): void {
  const file = join(folder, `Pulumi.${stack}.yaml`);
  const document = parseDocument(readFileSync(file, "utf8"));
  const { crypter, salt } = newPulumiCrypter(passphrase);
  document.set("encryptionsalt", salt);
  document.setIn(["config", key, "secure"], crypter.encrypt(value));
  writeFileSync(file, document.toString());
}

/** Sets one setting of the migration in a workspace's stack configuration, whether it was there or not. */
export function configure(folder: string, stack: string, name: string, value: unknown): void {
  const file = join(folder, `Pulumi.${stack}.yaml`);
  const document = parseDocument(readFileSync(file, "utf8"));
  document.setIn(["config", "landbridge:migration", name], value);
  writeFileSync(file, document.toString());
}
