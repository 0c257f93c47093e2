import type { ProgressSample } from "../../migration/engine/progress";
import { progressOutput } from "../../migration/report/progressOutput";
import type { ProgressStyle } from "../../migration/report/progressOutput";
import { statusLine } from "../../migration/report/statusLine";

function sample(atMs: number, changes: Partial<ProgressSample> = {}): ProgressSample {
  return {
    phase: "copy", atMs, elapsedMs: atMs, tablesDone: 0, tablesTotal: 1, tablesActive: ["Cities"], rows: atMs,
    written: atMs, unchanged: 0, deleted: 0, differences: 0, inFlight: 1, rowsPerSecond: 1_000, ...changes,
  };
}

function opened(style: ProgressStyle, isTTY: boolean, columns = 200) {
  const writes: string[] = [];
  const stream = { isTTY, columns, write: (text: string) => writes.push(text) };
  return { writes, output: progressOutput(stream, style, () => 42) };
}

describe("progress", () => {
  it("gives a log one line every five seconds, and the last one", () => {
    const { writes, output } = opened("text", false);
    for (let atMs = 0; atMs <= 11_000; atMs += 250) output.show(sample(atMs));
    output.end();
    expect(writes).toEqual([5_000, 10_000, 11_000].map((atMs) => `${statusLine(sample(atMs))}\n`));
  });

  it("gives a log the end of a phase before the next one begins", () => {
    const { writes, output } = opened("text", false);
    output.show(sample(0));
    output.show(sample(900));
    output.show(sample(1_000, { phase: "verify" }));
    output.end();
    expect(writes).toEqual([sample(900), sample(1_000, { phase: "verify" })].map((one) => `${statusLine(one)}\n`));
  });

  it("says nothing twice when the last sample was already shown", () => {
    const { writes, output } = opened("text", false);
    output.show(sample(0));
    output.show(sample(5_000));
    output.end();
    expect(writes).toHaveLength(1);
  });

  it("redraws one line on a terminal, at most ten times a second, and leaves the last one standing", () => {
    const { writes, output } = opened("text", true);
    for (let atMs = 0; atMs <= 1_000; atMs += 10) output.show(sample(atMs));
    output.end();
    const lines = writes.filter((text) => text !== "\n");
    expect(lines.length).toBeLessThanOrEqual(12);
    expect(lines.every((text) => text.startsWith("\r\u001b[2K") && !text.includes("\n"))).toBe(true);
    expect(writes.slice(-2)).toEqual([`\r\u001b[2K${statusLine(sample(1_000))}`, "\n"]);
  });

  it("never wraps on a narrow terminal, since a wrapped line cannot be redrawn", () => {
    const { writes, output } = opened("text", true, 40);
    output.show(sample(0));
    expect(writes.join("").slice("\r\u001b[2K".length).length).toBeLessThan(40);
  });

  it("puts a message on a line of its own and draws the status again beneath it", () => {
    const { writes, output } = opened("text", true);
    output.show(sample(0));
    output.message("Waiting for ops@host.");
    expect(writes.slice(1)).toEqual([
      "\r\u001b[2KWaiting for ops@host.\n", `\r\u001b[2K${statusLine(sample(0))}`,
    ]);
  });

  it("writes objects that log collectors read", () => {
    const { writes, output } = opened("json", true);
    output.show(sample(0));
    output.show(sample(6_000));
    output.message("Waiting.");
    const lines = writes.map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(writes.every((text) => text.endsWith("\n"))).toBe(true);
    expect(lines[0]).toMatchObject({ level: 30, time: 6_000, msg: statusLine(sample(6_000)) });
    expect(lines[0]?.progress).toMatchObject({ rows: 6_000, phase: "copy" });
    expect(lines[1]).toEqual({ level: 30, time: 42, name: "landbridge", msg: "Waiting." });
  });

  it("is silent when it is told to be", () => {
    const { writes, output } = opened("quiet", true);
    output.show(sample(0));
    output.message("Waiting.");
    output.end();
    expect(writes).toEqual([]);
  });
});
