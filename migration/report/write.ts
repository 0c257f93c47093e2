import { randomUUID } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { lstat, open, readlink, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";

import { OperationalError } from "../engine/errors";

/** What the operating system said, without a stack: `ENOSPC: no space left on device`. */
export function describeFileError(error: unknown): string {
  const told = typeof error === "object" && error !== null && "message" in error;
  return told ? String(error.message) : String(error);
}

async function orWhenAbsent<T>(read: Promise<T>): Promise<T | undefined> {
  return read.catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}

/** Where a path leads. */
export interface FilePlace {
  /** What links lead to, whether it is there yet or not. */
  readonly target: string;
  /** A device, a pipe or the like: it stays what it is and is written to; nothing may be renamed over it. */
  readonly special: boolean;
}

/** Follows links, also one to a file that is not there yet. Throws what the operating system says. */
export async function placeOf(file: string): Promise<FilePlace> {
  const present = await orWhenAbsent(stat(file));
  // What a process holds open (/dev/stdout to a pipe) has no path of its own: it is reached through the link only.
  if (present !== undefined && !present.isFile()) return { target: path.resolve(file), special: true };
  if (present !== undefined) {
    const target = await orWhenAbsent(realpath(file));
    return { target: target ?? path.resolve(file), special: target === undefined };
  }
  const link = await orWhenAbsent(lstat(file));
  if (link?.isSymbolicLink() !== true) return { target: path.resolve(file), special: false };
  return placeOf(path.resolve(await realpath(path.dirname(file)), await readlink(file)));
}

/** A text, or the bytes of one too long to hold. */
export type FileContent = string | AsyncIterable<Uint8Array>;

async function replaceFile(target: string, content: FileContent): Promise<void> {
  const beside = path.join(path.dirname(target), `.${path.basename(target)}.${randomUUID()}.partial`);
  try {
    const handle = await open(beside, "wx", 0o644);
    try {
      await writeFile(handle, content, "utf8");
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, target);
  } catch (cause) {
    await rm(beside, { force: true });
    throw cause;
  }
}

/**
 * A file without a name, in the folder of another: it takes room where that one would, and is gone with the process,
 * however that ends. Throws what the operating system says.
 */
export async function openNamelessBeside(target: string): Promise<FileHandle> {
  const beside = path.join(path.dirname(target), `.${path.basename(target)}.${randomUUID()}.partial`);
  const handle = await open(beside, "wx+", 0o600);
  await rm(beside);
  return handle;
}

/**
 * Whole or not at all: written beside the target, flushed to disk, renamed over it. A reader never sees half a file,
 * and a failed write leaves the earlier file as it was. A link stays, and what it leads to is replaced; a device or a
 * pipe cannot be replaced and is written to as it is. Throws OperationalError `FileNotWritten`.
 */
export async function writeFileAtomically(file: string, content: FileContent): Promise<void> {
  try {
    const { target, special } = await placeOf(file);
    await (special ? writeFile(target, content, "utf8") : replaceFile(target, content));
  } catch (cause) {
    throw new OperationalError({
      code: "FileNotWritten",
      message: `${file} cannot be written (${describeFileError(cause)}). Free the path or give another one.`,
      cause,
    });
  }
}
