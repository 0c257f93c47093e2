import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

import { processIo } from "../../migration/cli/io";

const broken = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });

describe("a process whose reader has gone", () => {
  const streams = [process.stdout, process.stderr];
  const before = streams.map((stream) => stream.listeners("error"));

  afterEach(() => {
    streams.forEach((stream, at) => {
      const ours = stream.listeners("error").filter((listener) => !before[at]?.includes(listener));
      for (const listener of ours) stream.off("error", listener as () => void);
    });
  });

  it("is asked to stop, once, as by Ctrl-C: an SSH session that broke must not end a copy as if rows differed", () => {
    let asked = 0;
    const stop = processIo().onInterrupt(() => void (asked += 1));
    process.stderr.emit("error", broken);
    process.stderr.emit("error", broken);
    expect(asked).toBe(1);
    stop();
    process.stderr.emit("error", broken);
    expect(asked).toBe(1);
  });

  it("ends with its own exit code", async () => {
    const bin = path.join(__dirname, "..", "..", "bin", "landbridge.js");
    const child = spawn(process.execPath, [bin, "report", "/nowhere.json"], { stdio: ["ignore", "pipe", "pipe"] });
    child.stderr.destroy();
    child.stdout.destroy();
    expect(await once(child, "exit")).toEqual([2, null]);
  });

  it("hears of every other error of its streams", () => {
    processIo();
    process.stdout.emit("error", broken);
    for (const stream of streams) {
      expect(() => stream.emit("error", Object.assign(new Error("no space"), { code: "ENOSPC" }))).toThrow("no space");
    }
  });
});
