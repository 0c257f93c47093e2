import type { CliIo } from "./io";

/** What a second Ctrl-C leaves behind: begun, not finished, and the same command resumes. */
const EXIT_INTERRUPTED = 3;

/**
 * Runs `work` under Ctrl-C: the first stops it at the next acknowledged batch (and `say` says so), the second ends the
 * process at once, which the journal survives.
 */
export async function interruptible<T>(
  io: CliIo,
  say: (text: string) => void,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const stopListening = io.onInterrupt(() => {
    if (controller.signal.aborted) {
      io.exit(EXIT_INTERRUPTED);
      return;
    }
    say("Stopping at the next acknowledged batch. Ctrl-C again ends at once; the same command goes on either way.");
    controller.abort();
  });
  try {
    return await work(controller.signal);
  } finally {
    stopListening();
  }
}
