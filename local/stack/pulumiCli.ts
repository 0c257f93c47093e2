import { execFile } from "node:child_process";

/** The npm package `pulumi` is only a downloader: without internet it hangs or fails, and must not pass for the CLI. */
const ANSWER_MS_MAX = 5_000;

/** The version of the Pulumi CLI on PATH, such as `v3.248.0`; undefined where there is none that answers. */
export function pulumiVersion(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
    execFile("pulumi", ["version"], { timeout: ANSWER_MS_MAX, killSignal: "SIGKILL", env }, (error, stdout) => {
      const version = /^v?\d+\.\d+\.\d+\S*$/m.exec(stdout.trim())?.[0];
      resolve(error === null ? version : undefined);
    });
  });
}
