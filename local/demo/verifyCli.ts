import { spawn } from "node:child_process";
import { join } from "node:path";

import { PROJECT_FOLDER } from "../stack";

/**
 * Runs `landbridge` as a person would, with the credentials in its environment (never on the command line), and
 * prints what it prints. Resolves with its exit code.
 */
export function landbridge(
  args: readonly string[],
  credentials: { readonly source: string; readonly destination: string },
  print: (line: string) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(PROJECT_FOLDER, "bin", "landbridge.js"), ...args], {
      env: {
        ...process.env,
        LANDBRIDGE_SOURCE: credentials.source,
        LANDBRIDGE_DESTINATION: credentials.destination,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let pending = "";
    const take = (chunk: Buffer) => {
      const lines = (pending + chunk.toString("utf8")).split("\n");
      pending = lines.pop() ?? "";
      lines.forEach((line) => print(`    ${line}`));
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.once("error", reject);
    child.once("close", (code) => {
      if (pending !== "") print(`    ${pending}`);
      resolve(code ?? 3);
    });
  });
}
