import fc from "fast-check";

import type { ProgressSample } from "../../migration/engine/progress";
import { etaMs, formatDuration, shareDone, statusLine } from "../../migration/report/statusLine";

function sample(changes: Partial<ProgressSample> = {}): ProgressSample {
  return {
    phase: "copy",
    atMs: 1_000_000,
    elapsedMs: 3_000,
    tablesDone: 1,
    tablesTotal: 5,
    tablesActive: ["Cities"],
    rows: 12_000,
    rowsExpected: 24_293,
    written: 11_000,
    unchanged: 1_000,
    deleted: 0,
    differences: 0,
    inFlight: 8,
    rowsPerSecond: 5_120.4,
    ...changes,
  };
}

describe("the status line", () => {
  it("reads as it is documented", () => {
    expect(statusLine(sample())).toBe(
      "Copying 2 of 5 tables | 12,000 of about 24,293 rows (49%) | 11,000 written, 1,000 unchanged | 5,120 rows/s | " +
        "8 in flight | 3s elapsed | about 2s left",
    );
  });

  const cases: readonly (readonly [string, Partial<ProgressSample>, string])[] = [
    ["verifies in words of its own", { phase: "verify", differences: 3 },
      "Verifying 2 of 5 tables | 12,000 of about 24,293 rows (49%) | 3 differences | 5,120 rows/s | 8 in flight | " +
        "3s elapsed | about 2s left"],
    ["says why it is slow", { throttledReason: "account fabrikam answers 503" },
      "Copying 2 of 5 tables | 12,000 of about 24,293 rows (49%) | 11,000 written, 1,000 unchanged | 5,120 rows/s | " +
        "8 in flight | 3s elapsed | about 2s left | slowed: account fabrikam answers 503"],
    ["makes no estimate before 1 %", { rows: 242, written: 242, unchanged: 0 },
      "Copying 2 of 5 tables | 242 of about 24,293 rows (0%) | 242 written, 0 unchanged | 5,120 rows/s | 8 in flight " +
        "| 3s elapsed"],
    ["makes no estimate where nobody knows how many rows there are", { rowsExpected: undefined },
      "Copying 2 of 5 tables | 12,000 rows | 11,000 written, 1,000 unchanged | 5,120 rows/s | 8 in flight | " +
        "3s elapsed"],
    ["does not call 99.99 % everything", { rows: 24_292, written: 24_292, unchanged: 0 },
      "Copying 2 of 5 tables | 24,292 of about 24,293 rows (99%) | 24,292 written, 0 unchanged | 5,120 rows/s | " +
        "8 in flight | 3s elapsed | about 0s left"],
    ["names deletes and differences when there are some", { deleted: 2, differences: 1, rowsExpected: undefined },
      "Copying 2 of 5 tables | 12,000 rows | 11,000 written, 1,000 unchanged, 2 deleted, 1 difference | 5,120 rows/s" +
        " | 8 in flight | 3s elapsed"],
    ["counts no rows before it begins", { phase: "preflight", tablesDone: 0, tablesActive: [], tablesTotal: 1 },
      "Checking 0 of 1 table | 8 in flight | 3s elapsed"],
  ];
  it.each(cases)("%s", (_, changes, expected) => {
    expect(statusLine(sample(changes))).toBe(expected);
  });

  it("cannot be torn or coloured by a service's words", () => {
    const line = statusLine(sample({ throttledReason: "slow\u001b[31m\r\u009b2K" }));
    expect(line).toMatch(/slowed: slow\\u\{1b\}\[31m\\u\{d\}\\u\{9b\}2K$/);
  });

  it("promises an end exactly when the share is known to be 1 % or more, not all, and moving", () => {
    const samples = fc.record({ rows: fc.nat(2_000), rowsExpected: fc.nat(1_000), rowsPerSecond: fc.nat(50) });
    fc.assert(fc.property(samples, (changes) => {
      const { rows, rowsExpected, rowsPerSecond } = changes;
      const due = rowsExpected > 0 && rows * 100 >= rowsExpected && rows < rowsExpected && rowsPerSecond > 0;
      expect(etaMs(sample(changes)) !== undefined).toBe(due);
      expect(shareDone(sample(changes)) ?? 0).toBeLessThanOrEqual(1);
    }));
  });

  it.each([
    [0, "0s"], [59_499, "59s"], [59_500, "1m00s"], [723_000, "12m03s"], [3_600_000, "1h00m"],
    [11_220_000, "3h07m"], [86_400_000, "1d00h"], [190_800_000, "2d05h"], [-5, "0s"],
  ])("spells %i ms as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
