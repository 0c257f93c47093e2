import { once } from "node:events";
import { createWriteStream } from "node:fs";
import type { WriteStream } from "node:fs";
import { finished } from "node:stream/promises";

import { OperationalError } from "../engine/errors";
import type { Difference } from "../engine/outcome";
import { sampleOf } from "../report/fromOutcome";
import { describeFileError } from "../report/write";

/** One difference as one line of JSON, without the line end. Values only with `showValues`. */
export function differenceLine(difference: Difference, showValues: boolean): string {
  const { table, destinationTable } = difference;
  return JSON.stringify({ table, destinationTable, ...sampleOf(difference, showValues) });
}

/**
 * Every difference, one a line, as they are found. The run waits for the disk (memory stays bounded), and a disk that
 * refuses fails the run: a list that looks complete and is not would be worse than none.
 */
export class DifferencesFile {
  private readonly stream: WriteStream;
  private failure: OperationalError | undefined;
  private draining: Promise<void> | undefined;
  private closing: Promise<void> | undefined;

  /** `failed` hears of the first error at once. */
  constructor(
    file: string,
    private readonly showValues: boolean,
    failed: (error: OperationalError) => void,
  ) {
    this.stream = createWriteStream(file, { flags: "w", mode: 0o644 });
    this.stream.on("error", (cause) => {
      this.failure ??= new OperationalError({
        code: "FileNotWritten",
        message: `${file} cannot be written (${describeFileError(cause)}), and the list of differences would be ` +
          "incomplete. Free the disk or give another path, and run the same command again.",
        cause,
      });
      failed(this.failure);
    });
  }

  /** Resolves when the next one may come. Throws OperationalError `FileNotWritten`. */
  async take(difference: Difference): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    if (this.stream.write(`${differenceLine(difference, this.showValues)}\n`)) return;
    this.draining ??= this.drain();
    await this.draining;
  }

  private async drain(): Promise<void> {
    try {
      await once(this.stream, "drain");
    } catch (error) {
      throw this.failure ?? error;
    } finally {
      this.draining = undefined;
    }
  }

  /** Resolves when every line was handed to the operating system, or with what kept it from that. */
  async close(): Promise<OperationalError | undefined> {
    this.closing ??= this.finish();
    await this.closing;
    return this.failure;
  }

  private async finish(): Promise<void> {
    if (this.failure !== undefined) return;
    this.stream.end();
    try {
      await finished(this.stream);
    } catch (error) {
      if (this.failure === undefined) throw error;
    }
  }
}
