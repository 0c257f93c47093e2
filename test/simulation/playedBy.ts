import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

import type { Played } from "./summary";

/**
 * What a process says it played, once it ended. Its exit may be told before its last message is; what is on the channel
 * comes before the channel's own end. Throws where it said nothing.
 */
export async function playedBy(child: ChildProcess): Promise<Played> {
  const messages: Played[] = [];
  child.on("message", (message) => messages.push(message as Played));
  const [[code]] = await Promise.all([once(child, "exit"), once(child, "disconnect")]);
  const [played] = messages;
  if (played !== undefined) return played;
  throw new Error(`Process ${child.pid} ended with code ${String(code)}, and did not say what it had played.`);
}
