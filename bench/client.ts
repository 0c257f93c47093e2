import { spawn } from "node:child_process";
import { join } from "node:path";
import type { ClientResult, Job } from "./clients/job";
import { JOB_VARIABLE } from "./clients/job";

/** A program that is measured. */
export interface Client {
  readonly program: string;
  readonly args: readonly string[];
}

/** A client in TypeScript, started as landbridge's own command line is. */
export function nodeClient(name: string, ...args: readonly string[]): Client {
  const file = join(__dirname, "clients", `${name}.ts`);
  return { program: process.execPath, args: ["--require", require.resolve("tsx/cjs"), file, ...args] };
}

/** Slower than this is no measurement any more. */
const CLIENT_MS_MAX = 180_000;

/** Runs a client as a process of its own; rejects where it fails, with what it said. */
export async function runClient({ program, args }: Client, job: Job): Promise<ClientResult> {
  const child = spawn(program, [...args], {
    env: { ...process.env, [JOB_VARIABLE]: JSON.stringify(job) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  const timer = setTimeout(() => child.kill("SIGKILL"), CLIENT_MS_MAX);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  clearTimeout(timer);
  const last = stdout.trim().split("\n").at(-1) ?? "";
  if (code !== 0 || !last.startsWith("{")) {
    throw new Error(`${args.at(-1) ?? program} ended with ${code}.\n${stdout.slice(-2_000)}\n${stderr.slice(-4_000)}`);
  }
  return JSON.parse(last) as ClientResult;
}
