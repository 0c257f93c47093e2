import type { ChildProcess } from "node:child_process";
import { EventEmitter } from "node:events";

import { playedBy } from "./playedBy";

const PLAYED = { seeds: 3 };

function child(): ChildProcess {
  return Object.assign(new EventEmitter(), { pid: 7 }) as unknown as ChildProcess;
}

describe("what a process of a simulation played", () => {
  it("counts where its exit is told before its last message is", async () => {
    const one = child();
    const played = playedBy(one);
    one.emit("exit", 0);
    one.emit("message", PLAYED);
    one.emit("disconnect");
    await expect(played).resolves.toEqual(PLAYED);
  });

  it("is not known where it ended without a word, whatever came first", async () => {
    for (const events of [["exit", "disconnect"], ["disconnect", "exit"]]) {
      const one = child();
      const played = playedBy(one);
      for (const event of events) one.emit(event, event === "exit" ? 3 : undefined);
      await expect(played).rejects.toThrow("Process 7 ended with code 3, and did not say what it had played");
    }
  });
});
