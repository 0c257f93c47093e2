import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import path from "node:path";

import { OperationalError } from "../engine/errors";
import { renderHtml } from "../report/html/page";
import type { Report } from "../report/schema";
import { writeFileAtomically } from "../report/write";
import type { ExecuteRequest } from "./request";

type Files = Pick<ExecuteRequest, "reportFile" | "htmlFile" | "differencesFile">;

function refuse(message: string): never {
  throw new OperationalError({ code: "FileNotWritten", message });
}

async function checkFile(file: string): Promise<void> {
  const folder = path.dirname(path.resolve(file));
  try {
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new OperationalError({
      code: "FileNotWritten",
      message: `${file} cannot be written: the folder ${folder} is not there, or is closed to you. ` +
        "Make it first, or give another path.",
      cause,
    });
  }
  const present = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (present?.isDirectory() === true) refuse(`${file} is a folder. Give the path of a file.`);
}

/** Before anything begins: a run of hours must not fail on its last line. Throws OperationalError `FileNotWritten`. */
export async function checkFiles({ reportFile, htmlFile, differencesFile }: Files): Promise<void> {
  const files = [reportFile, htmlFile, differencesFile].filter((file) => file !== undefined);
  const places = new Set(files.map((file) => path.resolve(file)));
  if (places.size < files.length) refuse(`${files.join(", ")}: two outputs go to one file. Give each its own.`);
  for (const file of files) await checkFile(file);
}

/** Throws OperationalError `FileNotWritten`. */
export async function writeReports(report: Report, { reportFile, htmlFile }: Files): Promise<void> {
  if (reportFile !== undefined) await writeFileAtomically(reportFile, `${JSON.stringify(report, undefined, 2)}\n`);
  if (htmlFile !== undefined) await writeFileAtomically(htmlFile, renderHtml(report));
}
