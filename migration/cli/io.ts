import { text } from "node:stream/consumers";
import { openManagement } from "../access/management";
import type { OpenManagement } from "../access/management";
import type { ProgressStream } from "../report/progressOutput";
import type { Environment } from "../run/fromEnvironment";
import { openOrSignIn } from "../run/openOrSignIn";
import { realPorts } from "../run/ports";
import type { RunPorts } from "../run/ports";

/** Everything the command line touches besides files, so that tests run it in process. */
export interface CliIo {
  /** Results. */
  readonly stdout: ProgressStream;
  /** Progress, notices and errors. */
  readonly stderr: ProgressStream;
  readonly env: Environment;
  /** All of standard input, to its end. */
  readonly readStdin: () => Promise<string>;
  /** Calls the listener at every Ctrl-C (and SIGTERM), and where nobody reads stderr; returns how to stop that. */
  readonly onInterrupt: (listener: () => void) => () => void;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
  readonly ports: RunPorts;
  readonly openManagement: OpenManagement;
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** The process landbridge runs in. */
export function processIo(): CliIo {
  // A reader that has seen enough (`| head`) closes the pipe: that is no error of ours, and must not end a copy with
  // the code that says that rows differ.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    readStdin: () => text(process.stdin),
    onInterrupt(listener) {
      let isAlone = false;
      // Progress that nobody reads any more is an SSH session that broke, or a terminal that was closed: whoever asked
      // has gone, and comes back with the same command. Told once: a second Ctrl-C ends a run at once.
      const alone = () => {
        if (isAlone) return;
        isAlone = true;
        listener();
      };
      for (const signal of SIGNALS) process.on(signal, listener);
      process.stderr.on("error", alone);
      return () => {
        for (const signal of SIGNALS) process.off(signal, listener);
        process.stderr.off("error", alone);
      };
    },
    exit: (code) => process.exit(code),
    ports: { ...realPorts, openStore: openOrSignIn },
    openManagement,
  };
}
