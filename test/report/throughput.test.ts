import fc from "fast-check";

import type { ProgressSample } from "../../migration/engine/progress";
import { POINTS_MAX, ThroughputSeries } from "../../migration/report/throughput";

function sample(atMs: number, rowsPerSecond: number, changes: Partial<ProgressSample> = {}): ProgressSample {
  return {
    phase: "copy", atMs, elapsedMs: 0, tablesDone: 0, tablesTotal: 1, tablesActive: [], rows: 0, written: 0,
    unchanged: 0, deleted: 0, differences: 0, inFlight: 0, rowsPerSecond, ...changes,
  };
}

describe("the throughput series", () => {
  it("averages a second's samples, counted from the first", () => {
    const series = new ThroughputSeries();
    for (const [atMs, rate] of [[5_000, 100], [5_500, 300], [6_000, 50], [6_999, 150]] as const) {
      series.add(sample(atMs, rate));
    }
    expect(series.points()).toEqual([
      { phase: "copy", atMs: 0, rowsPerSecond: 200, throttled: false },
      { phase: "copy", atMs: 1_000, rowsPerSecond: 100, throttled: false },
    ]);
  });

  it("begins a new point with a new phase, and remembers that it was slowed", () => {
    const series = new ThroughputSeries();
    series.add(sample(0, 10));
    series.add(sample(10, 20, { throttledReason: "503" }));
    series.add(sample(20, 30, { phase: "verify" }));
    expect(series.points()).toEqual([
      { phase: "copy", atMs: 0, rowsPerSecond: 15, throttled: true },
      { phase: "verify", atMs: 20, rowsPerSecond: 30, throttled: false },
    ]);
  });

  it("stays bounded and covers the whole run, however long it is", () => {
    const series = new ThroughputSeries();
    const hours = 30 * 3_600;
    for (let second = 0; second < hours; second += 1) series.add(sample(second * 1_000, 500));
    const points = series.points();
    expect(points.length).toBeLessThanOrEqual(POINTS_MAX);
    expect(points.length).toBeGreaterThan(POINTS_MAX / 4);
    expect(points[0]?.atMs).toBe(0);
    expect(points.at(-1)?.atMs).toBeGreaterThan(hours * 1_000 * 0.97);
    expect(points.every(({ rowsPerSecond }) => rowsPerSecond === 500)).toBe(true);
    // Evenly spread: neither the beginning nor the end of the run is told in more detail.
    const gaps = points.slice(1).map(({ atMs }, index) => atMs - (points[index]?.atMs ?? 0));
    expect(Math.max(...gaps.slice(0, -1))).toBeLessThanOrEqual(2 * Math.min(...gaps.slice(0, -1)));
  });

  it("keeps times in order, rates within what was measured, and every phase", () => {
    const steps = fc.array(fc.record({
      stepMs: fc.nat(3_000), rate: fc.nat(10_000), phase: fc.constantFrom("copy" as const, "verify" as const),
    }), { minLength: 1, maxLength: 1_500 });
    fc.assert(fc.property(steps, (all) => {
      const series = new ThroughputSeries();
      let atMs = 0;
      for (const { stepMs, rate, phase } of all) series.add(sample((atMs += stepMs), rate, { phase }));
      const points = series.points();
      const rates = all.map(({ rate }) => rate);
      expect(points.every((point, index) => index === 0 || point.atMs >= (points[index - 1]?.atMs ?? 0))).toBe(true);
      expect(points.every(({ rowsPerSecond }) =>
        rowsPerSecond >= Math.min(...rates) && rowsPerSecond <= Math.max(...rates))).toBe(true);
      expect(new Set(points.map(({ phase }) => phase))).toEqual(new Set(all.map(({ phase }) => phase)));
    }), { numRuns: 40 });
  });
});
