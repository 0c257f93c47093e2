import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";

import { OperationalError } from "../engine/errors";
import type { Difference } from "../engine/outcome";
import { sampleOf } from "../report/fromOutcome";
import { describeFileError, openNamelessBeside, placeOf, writeFileAtomically } from "../report/write";

/** One difference as one line of JSON, without the line end. Values only with `showValues`. */
export function differenceLine(difference: Difference, showValues: boolean): string {
  const { table, destinationTable } = difference;
  return JSON.stringify({ table, destinationTable, ...sampleOf(difference, showValues) });
}

/** Read and written at once; lines are collected up to it. */
const CHUNK_BYTES = 64 * 1024;

async function* bytesOf(handle: FileHandle): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let at = 0; ; ) {
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}

interface Place {
  readonly handle: FileHandle;
  /** A pipe or a device. */
  readonly special: boolean;
}

/**
 * Every difference, one a line. The list takes its place whole, when the run is over: until then an earlier one stays,
 * and a run that is killed leaves no half of one. A pipe or a device gets every line as it is found. The run waits for
 * the disk (memory stays bounded), and a disk that refuses fails the run: a list that looks complete and is not would
 * be worse than none.
 */
export class DifferencesFile {
  private opening: Promise<Place> | undefined;
  private lines: string[] = [];
  private bytes = 0;
  /** Resolves when everything that was handed over is written. */
  private written: Promise<void> = Promise.resolve();
  private failure: OperationalError | undefined;
  private closing: Promise<void> | undefined;

  /** `failed` hears of the first error at once. */
  constructor(
    private readonly file: string,
    private readonly showValues: boolean,
    private readonly failed: (error: OperationalError) => void,
  ) {}

  private fail(cause: unknown): OperationalError {
    if (this.failure !== undefined) return this.failure;
    this.failure = cause instanceof OperationalError ? cause : new OperationalError({
      code: "FileNotWritten",
      message: `${this.file} cannot be written (${describeFileError(cause)}), and the list of differences would be ` +
        "incomplete. Free the disk or give another path, and run the same command again.",
      cause,
    });
    this.failed(this.failure);
    return this.failure;
  }

  private open(): Promise<Place> {
    this.opening ??= this.openPlace();
    return this.opening;
  }

  private async openPlace(): Promise<Place> {
    const { target, special } = await placeOf(this.file);
    return { special, handle: await (special ? open(target, "w") : openNamelessBeside(target)) };
  }

  /** Resolves when the next one may come. Throws OperationalError `FileNotWritten`. */
  async take(difference: Difference): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    const line = `${differenceLine(difference, this.showValues)}\n`;
    this.lines.push(line);
    this.bytes += line.length;
    try {
      const { special } = await this.open();
      if (special || this.bytes >= CHUNK_BYTES) await this.flush();
    } catch (error) {
      throw this.fail(error);
    }
  }

  private flush(): Promise<void> {
    const text = this.lines.join("");
    this.lines = [];
    this.bytes = 0;
    this.written = this.written.then(async () => {
      if (text !== "") await (await this.open()).handle.writeFile(text, "utf8");
    });
    return this.written;
  }

  /** Closes what was opened, if anything was: for a run that came to nothing. */
  async leave(): Promise<OperationalError | undefined> {
    return this.opening === undefined ? undefined : this.close();
  }

  /**
   * Without differences, the list is empty.
   * Resolves when every line was handed to the operating system, or with what kept it from that.
   */
  async close(): Promise<OperationalError | undefined> {
    this.closing ??= this.finish();
    await this.closing;
    return this.failure;
  }

  private async finish(): Promise<void> {
    let place: Place | undefined;
    try {
      place = await this.open();
      if (this.failure !== undefined) return;
      await this.flush();
      if (!place.special) await writeFileAtomically(this.file, bytesOf(place.handle));
    } catch (error) {
      this.fail(error);
    } finally {
      await place?.handle.close();
    }
  }
}
