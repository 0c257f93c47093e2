import fc from "fast-check";

import { type SegmentRecord, SEQUENCE_MAX } from "../../migration/engine/journal";
import type { Pair } from "../../migration/engine/merge";
import { compareKeys, type RowKey } from "../../migration/engine/row";
import { cutSegments, RecordedSegments, type Segment, SEGMENT_ROWS_MAX } from "../../migration/engine/segments";

function keyAt(index: number): RowKey {
  return { partitionKey: "p", rowKey: String(index).padStart(8, "0") };
}

/** In chunks of any size, as pages are. */
async function* pairsAt(indices: readonly number[]): AsyncGenerator<readonly Pair[]> {
  for (let at = 0; at < indices.length; at += 777) {
    yield indices.slice(at, at + 777).map((index) => {
      return { source: { ...keyAt(index), body: new Uint8Array(10), digest: 0n, modified: "", version: "" } };
    });
  }
}

async function cut(indices: readonly number[], records: readonly SegmentRecord[], after = 0): Promise<Segment[]> {
  const read = async (sequence: number) => records.filter((one) => one.sequence > sequence).slice(0, 2);
  const segments: Segment[] = [];
  const space = { lastSequence: after, endSequence: SEQUENCE_MAX };
  const cutting = cutSegments(pairsAt(indices), new RecordedSegments(read, space), space);
  for await (const one of cutting) segments.push(one);
  return segments;
}

function recordsOf(segments: readonly Segment[]): SegmentRecord[] {
  return segments
    .filter(({ pairs }) => pairs.length > 0)
    .map(({ sequence, upTo }) => ({ sequence, upTo, receipts: new Uint8Array(0) }));
}

const indices = fc
  .uniqueArray(fc.integer({ min: 0, max: 30_000 }), { maxLength: 6_000 })
  .map((all) => all.sort((a, b) => a - b));

describe("cutting segments", () => {
  it("covers every pair once and in order, bounded, with rising sequences and ends, over changing tables", async () => {
    await fc.assert(
      fc.asyncProperty(indices, indices, async (first, second) => {
        let records: SegmentRecord[] = [];
        for (const rows of [first, second, second]) {
          const segments = await cut(rows, records);
          expect(segments.flatMap(({ pairs }) => pairs.map((pair) => pair.source?.rowKey))).toEqual(
            rows.map((row) => keyAt(row).rowKey),
          );
          for (const [at, { pairs, sequence, upTo }] of segments.entries()) {
            expect(pairs.length).toBeLessThanOrEqual(SEGMENT_ROWS_MAX);
            for (const { source } of pairs) expect(compareKeys(source as RowKey, upTo)).toBeLessThanOrEqual(0);
            const before = segments[at - 1];
            if (!before) continue;
            expect(sequence).toBeGreaterThan(before.sequence);
            expect(compareKeys(before.upTo, upTo)).toBeLessThan(0);
          }
          records = recordsOf(segments);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("keeps the ends of an unchanged table, so that nothing has to be recorded anew", async () => {
    const rows = Array.from({ length: 3_500 }, (_, index) => index);
    const records = recordsOf(await cut(rows, []));
    expect(recordsOf(await cut(rows, records))).toEqual(records);
  });

  it("goes on behind a position without touching what lies before it", async () => {
    const rows = Array.from({ length: 2_500 }, (_, index) => index);
    const whole = await cut(rows, []);
    const [first, ...others] = recordsOf(whole);
    const rest = await cut(rows.slice(1_000), [first as SegmentRecord, ...others], (first as SegmentRecord).sequence);
    expect(recordsOf(rest)).toEqual(others);
  });
});
