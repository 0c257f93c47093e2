import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import path from "node:path";

import { OperationalError } from "../engine/errors";
import { signatureFileOf } from "../report/evidence/evidence";
import { renderHtml } from "../report/html/page";
import type { Report } from "../report/schema";
import { describeFileError, placeOf, writeFileAtomically } from "../report/write";
import type { ExecuteRequest } from "./request";

type Files = Pick<ExecuteRequest, "reportFile" | "htmlFile" | "differencesFile" | "signing">;

function refuse(message: string): never {
  throw new OperationalError({ code: "FileNotWritten", message });
}

/** Where it leads to, with everything in place to write there. */
async function checkFile(file: string): Promise<string> {
  const { target, special } = await placeOf(file).catch((cause: unknown) => {
    throw new OperationalError({
      code: "FileNotWritten",
      message: `${file} cannot be written (${describeFileError(cause)}). Give another path.`,
      cause,
    });
  });
  if (special && (await stat(target)).isDirectory()) refuse(`${file} is a folder. Give the path of a file.`);
  const folder = path.dirname(target);
  try {
    // A device or a pipe is written to; a file is replaced, which is up to its folder.
    await access(special ? target : folder, constants.W_OK);
  } catch (cause) {
    throw new OperationalError({
      code: "FileNotWritten",
      message: special
        ? `${file} cannot be written: it is closed to you. Give another path.`
        : `${file} cannot be written: the folder ${folder} is not there, or is closed to you. ` +
          "Make it first, or give another path.",
      cause,
    });
  }
  return target;
}

/** Before anything begins: a run of hours must not fail on its last line. Throws OperationalError `FileNotWritten`. */
export async function checkFiles({ reportFile, htmlFile, differencesFile, signing }: Files): Promise<void> {
  const signatureFile = signing && reportFile !== undefined ? signatureFileOf(reportFile) : undefined;
  const files = [reportFile, signatureFile, htmlFile, differencesFile].filter((file) => file !== undefined);
  const places = new Set<string>();
  for (const file of files) places.add(await checkFile(file));
  if (places.size < files.length) refuse(`${files.join(", ")}: two outputs go to one file. Give each its own.`);
}

/** Throws OperationalError `FileNotWritten`. */
export async function writeReports(report: Report, { reportFile, htmlFile }: Files): Promise<void> {
  if (reportFile !== undefined) await writeFileAtomically(reportFile, `${JSON.stringify(report, undefined, 2)}\n`);
  if (htmlFile !== undefined) await writeFileAtomically(htmlFile, renderHtml(report));
}
