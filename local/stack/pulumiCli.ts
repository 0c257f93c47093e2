import { spawnSync } from "node:child_process";

/** The npm package `pulumi` is only a downloader: without internet it hangs or fails, and must not pass for the CLI. */
const ANSWER_MS_MAX = 5_000;

/** The version of the Pulumi CLI on PATH, such as `v3.248.0`; undefined where there is none that answers. */
export function pulumiVersion(): string | undefined {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const options = { timeout: ANSWER_MS_MAX, killSignal: "SIGKILL", env, encoding: "utf8" } as const;
  const { status, stdout } = spawnSync("pulumi", ["version"], options);
  return status === 0 ? /^v?\d+\.\d+\.\d+\S*$/m.exec(stdout.trim())?.[0] : undefined;
}
