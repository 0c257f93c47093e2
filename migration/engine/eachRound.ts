import { readBothSides, type TwoSided } from "./bothSides";
import { nextRound, ROUND_BYTES_MAX, type Selection } from "./bucketRounds";
import { bucketOf, type BucketSums } from "./keyBuckets";
import { KeyHasher } from "./keyHasher";
import { RoundRows } from "./roundRows";
import type { Run } from "./run";
import { expectedRow } from "./transform";

/** Looks into the open buckets, a round after the other, as there is room for it among the run's tables. */
export async function eachRound(
  { rounds }: Pick<Run, "rounds">,
  open: number[],
  sides: readonly BucketSums[],
  look: (selection: Selection) => Promise<void>,
): Promise<void> {
  while (open.length > 0) {
    const selection = nextRound(open, sides, ROUND_BYTES_MAX);
    await rounds.take(selection.bytes);
    try {
      await look(selection);
    } finally {
      rounds.give(selection.bytes);
    }
  }
}

/** Reads both sides anew and keeps what lies in a round's buckets, source rows as the destination should hold them. */
export async function collectRound(sides: TwoSided, selection: Selection, keysOnly = false): Promise<RoundRows> {
  const { seed } = sides.run.settings;
  const hashers = { source: new KeyHasher(), destination: new KeyHasher() };
  const round = new RoundRows();
  await readBothSides(sides, keysOnly, (side, rows) => {
    for (const row of rows) {
      if (!selection.has(bucketOf(hashers[side].hash(row), seed))) continue;
      round.add(side, side === "source" && !keysOnly ? expectedRow(sides, row) : row);
    }
    return undefined;
  });
  return round;
}
