import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Client } from "./client";
import type { Say } from "./output";

const run = promisify(execFile);

const FOLDER = join(__dirname, ".python");
const PYTHON = join(FOLDER, process.platform === "win32" ? join("Scripts", "python.exe") : join("bin", "python"));
const PACKAGE = "azure-data-tables==12.7.0";
const STEP_MS_MAX = 180_000;

/**
 * The Python SDK's tutorial loop, in a virtual environment that is made on first use (bench/.python, ignored by git);
 * a string says why there is none.
 */
export async function pythonClient(say: Say): Promise<Client | string> {
  const client: Client = { program: PYTHON, args: [join(__dirname, "clients", "tutorial.py")] };
  const hasPackage = () => run(PYTHON, ["-c", "import azure.data.tables"], { timeout: STEP_MS_MAX });
  try {
    if (existsSync(PYTHON)) {
      await hasPackage();
      return client;
    }
    say(`Installing ${PACKAGE} into bench/.python ...`);
    await run("python3", ["-m", "venv", FOLDER], { timeout: STEP_MS_MAX });
    await run(PYTHON, ["-m", "pip", "install", "--quiet", PACKAGE], { timeout: STEP_MS_MAX });
    await hasPackage();
    return client;
  } catch (error) {
    // A half-made environment would be taken for a whole one the next time.
    await rm(FOLDER, { recursive: true, force: true });
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    return `The Python SDK was skipped: no virtual environment with ${PACKAGE} could be made (${reason}).`;
  }
}
