import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

import { type SimulatedServer, serve, SimulatedTableService } from "../simulated";

const BIN = join(__dirname, "..", "..", "bin", "landbridge.js");

/** Long enough for a slow machine; a child that hangs is a failed test, not a hung suite. */
const CHILD_MS_MAX = 120_000;

export interface Finished {
  readonly code: number | null;
  readonly killed: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

export interface Started {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
}

/** Starts `landbridge` as a process of its own; its leases are short, so that what follows a kill waits little. */
export function startLandbridge(args: readonly string[], { cwd, env }: StartOptions): Started {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: cwd ?? process.cwd(),
    env: { ...process.env, LANDBRIDGE_LEASE_SECONDS: "2", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { child, finished: finish(child) };
}

/** Two accounts of the strict simulated service on loopback, and `landbridge` as a process of its own beside it. */
export class CliWorld {
  private constructor(
    readonly service: SimulatedTableService,
    readonly server: SimulatedServer,
  ) {}

  static async open(latencyMs = 0): Promise<CliWorld> {
    const service = new SimulatedTableService({ accounts: [{ name: "contoso" }, { name: "fabrikam" }], latencyMs });
    return new CliWorld(service, await serve(service));
  }

  connectionString(account: "contoso" | "fabrikam"): string {
    const [key] = this.service.account(account).keys;
    return `AccountName=${account};AccountKey=${key};TableEndpoint=${this.server.endpoint(account)}`;
  }

  /** Starts `landbridge`; credentials go through the environment, as people must. */
  start(args: readonly string[], options: StartOptions = {}): Started {
    return startLandbridge(args, {
      ...options,
      env: {
        LANDBRIDGE_SOURCE: this.connectionString("contoso"),
        LANDBRIDGE_DESTINATION: this.connectionString("fabrikam"),
        ...options.env,
      },
    });
  }

  run(args: readonly string[], options: StartOptions = {}): Promise<Finished> {
    return this.start(args, options).finished;
  }

  async close(): Promise<void> {
    await this.server.close();
  }
}

function finish(child: ChildProcess): Promise<Finished> {
  return new Promise((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    const timer = setTimeout(() => child.kill("SIGKILL"), CHILD_MS_MAX);
    child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString("utf8")));
    child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, killed: signal === "SIGKILL", stdout, stderr });
    });
  });
}
