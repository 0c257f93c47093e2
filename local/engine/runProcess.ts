import { perform, type RunHandle } from "./perform";
import type { FromProcess, RunEvent, RunOrder, ToProcess } from "./protocol";

/**
 * One run in a process of its own: no module state survives from one run to the next, and a program that hangs or
 * crashes takes nobody along. What the program prints goes to the parent without secrets, and line by line.
 */
function send(message: FromProcess): Promise<void> {
  return new Promise((sent) => {
    // A parent that is gone cannot be told; the state file has it all.
    if (process.send === undefined || !process.connected) sent();
    else process.send(message, undefined, undefined, () => sent());
  });
}

let handle: RunHandle | undefined;
let cancelled = false;

function cancel(): void {
  cancelled = true;
  handle?.cancel();
}

/** Takes over a stream, so that what a program or a library prints passes the filter of secrets. */
function capture(stream: NodeJS.WriteStream, level: "info" | "warning", say: RunHandle["say"]): () => void {
  let rest = "";
  const flush = (): void => {
    if (rest !== "") say(level, rest);
    rest = "";
  };
  const write = (chunk: string | Uint8Array, ...others: readonly unknown[]): boolean => {
    const lines = `${rest}${typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8")}`.split("\n");
    rest = lines.pop() ?? "";
    lines.forEach((line) => say(level, line));
    const done = others.at(-1);
    if (typeof done === "function") (done as () => void)();
    return true;
  };
  stream.write = write as typeof stream.write;
  return flush;
}

async function run(order: RunOrder): Promise<void> {
  const emit = (event: RunEvent): void => void send({ kind: "event", event });
  const flushes: (() => void)[] = [];
  const result = await perform(order, emit, (given) => {
    handle = given;
    flushes.push(capture(process.stdout, "info", given.say), capture(process.stderr, "warning", given.say));
    if (cancelled) given.cancel();
  });
  flushes.forEach((flush) => flush());
  await send({ kind: "result", result });
  process.exit(result.error === undefined ? 0 : 1);
}

process.on("message", (message: ToProcess) => {
  if (message.kind === "cancel") cancel();
  else {
    process.channel?.unref();
    void run(message.order);
  }
});
process.on("disconnect", cancel);
// The channel to the parent must not keep alive a program that waits for nothing: that is how we notice.
process.on("beforeExit", () => handle?.stall());
