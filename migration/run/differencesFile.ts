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
 * Every difference, one a line, as they are found. An earlier list stays until there is something to put in its place:
 * a run that fails before it compares anything takes nothing away. The run waits for the disk (memory stays bounded),
 * and a disk that refuses fails the run: a list that looks complete and is not would be worse than none.
 */
export class DifferencesFile {
  private stream: WriteStream | undefined;
  private failure: OperationalError | undefined;
  private draining: Promise<void> | undefined;
  private closing: Promise<void> | undefined;

  /** `failed` hears of the first error at once. */
  constructor(
    private readonly file: string,
    private readonly showValues: boolean,
    private readonly failed: (error: OperationalError) => void,
  ) {}

  private open(): WriteStream {
    if (this.stream !== undefined) return this.stream;
    const { file } = this;
    const stream = createWriteStream(file, { flags: "w", mode: 0o644 });
    stream.on("error", (cause) => {
      this.failure ??= new OperationalError({
        code: "FileNotWritten",
        message: `${file} cannot be written (${describeFileError(cause)}), and the list of differences would be ` +
          "incomplete. Free the disk or give another path, and run the same command again.",
        cause,
      });
      this.failed(this.failure);
    });
    this.stream = stream;
    return stream;
  }

  /** Resolves when the next one may come. Throws OperationalError `FileNotWritten`. */
  async take(difference: Difference): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    if (this.open().write(`${differenceLine(difference, this.showValues)}\n`)) return;
    this.draining ??= this.drain(this.open());
    await this.draining;
  }

  private async drain(stream: WriteStream): Promise<void> {
    try {
      await once(stream, "drain");
    } catch (error) {
      throw this.failure ?? error;
    } finally {
      this.draining = undefined;
    }
  }

  /** Closes what was opened, if anything was: for a run that came to nothing. */
  async leave(): Promise<OperationalError | undefined> {
    return this.stream === undefined ? undefined : this.close();
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
    if (this.failure !== undefined) return;
    const stream = this.open();
    stream.end();
    try {
      await finished(stream);
    } catch (error) {
      if (this.failure === undefined) throw error;
    }
  }
}
