import { readdirSync, readFileSync } from "node:fs";

/** How often the process list is looked at: a child that lives for less is not seen every time. */
const INTERVAL_MS = 50;

function commandLinesNow(): readonly string[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")];
      } catch (error) {
        // A process may end between being listed and being read.
        if (["ENOENT", "ESRCH", "EACCES"].includes(String((error as NodeJS.ErrnoException).code))) return [];
        throw error;
      }
    });
}

/** Every command line that anybody on this machine could read while `work` ran; undefined where there is no /proc. */
export async function watchCommandLines(work: () => Promise<unknown>): Promise<ReadonlySet<string> | undefined> {
  if (process.platform !== "linux") {
    await work();
    return undefined;
  }
  const seen = new Set<string>();
  const look = () => commandLinesNow().forEach((line) => seen.add(line));
  const timer = setInterval(look, INTERVAL_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  look();
  return seen;
}
