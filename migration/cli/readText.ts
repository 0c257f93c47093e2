import { createReadStream } from "node:fs";

import { boundedText } from "../access/boundedBody";
import { OperationalError } from "../engine/errors";
import { describeFileError } from "../report/write";

/** What a file is read as. */
export interface Reading {
  readonly bytesMax: number;
  /** Of errors. */
  readonly code: string;
  readonly remedy: string;
}

/** A file's text. Throws OperationalError where it cannot be read, or holds more than such a file ever does. */
export async function readText(file: string, { bytesMax, code, remedy }: Reading): Promise<string> {
  const text = await boundedText(createReadStream(file), bytesMax).catch((cause: unknown) => {
    const message = `${file} cannot be read (${describeFileError(cause)}). ${remedy}`;
    throw new OperationalError({ code, message, cause });
  });
  if (text !== undefined) return text;
  throw new OperationalError({
    code, message: `${file} has more than ${bytesMax} bytes: it is some other file. ${remedy}`,
  });
}
