import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import path from "node:path";

import { OperationalError } from "../engine/errors";

/** What the operating system said, without a stack: `ENOSPC: no space left on device`. */
export function describeFileError(error: unknown): string {
  const told = typeof error === "object" && error !== null && "message" in error;
  return told ? String(error.message) : String(error);
}

/**
 * Whole or not at all: written beside the target, flushed to disk, renamed over it. A reader never sees half a file,
 * and a failed write leaves the earlier file as it was. Throws OperationalError `FileNotWritten`.
 */
export async function writeFileAtomically(file: string, text: string): Promise<void> {
  const beside = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}.partial`);
  try {
    const handle = await open(beside, "wx", 0o644);
    try {
      await handle.writeFile(text, "utf8");
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
  } catch (cause) {
    await rm(beside, { force: true });
    throw new OperationalError({
      code: "FileNotWritten",
      message: `${file} cannot be written (${describeFileError(cause)}). Free the path or give another one.`,
      cause,
    });
  }
}
