import { hash } from "node:crypto";

import type { Pair } from "./merge";
import { differencesOf } from "./plan";
import { withRetry } from "./retry";
import type { RowKey } from "./row";
import { keyText } from "./tally";
import { throwIfStopped } from "./stop";
import { expectedRow } from "./transform";
import type { VerifyingTable } from "./verifyingTable";

interface Candidate {
  readonly rank: string;
  readonly key: RowKey;
}

export interface Sample {
  /** Every pair is offered once. */
  offer(pair: Pair): void;
  /** Every key of one side is offered once; what the other side lacks is dropped later. */
  offerKey(key: RowKey): void;
  /** The other side lacks this key. */
  drop(key: RowKey): void;
  /** Reads the chosen rows on both sides, compares their values, and says how many there were. */
  compare(): Promise<number>;
}

/**
 * A seeded random sample of the keys that both sides have: the n keys whose seeded hash is smallest. The same seed
 * chooses the same rows of the same table, whatever the order they come in. Where keys are offered before it is known
 * whether the other side has them, as many again are kept in reserve. Memory: 4n keys.
 */
export function compareSample(verifying: VerifyingTable): Sample {
  const { run, tally, settings } = verifying;
  const { sampleRows, seed } = run.settings;
  let candidates: Candidate[] = [];
  let spare = 0;
  const cut = () => {
    candidates = candidates.sort((a, b) => (a.rank < b.rank ? -1 : 1)).slice(0, sampleRows + spare);
  };
  const rankOf = (key: RowKey) => hash("sha256", `${seed} ${keyText(key)}`);
  const offer = ({ partitionKey, rowKey }: RowKey) => {
    const key = { partitionKey, rowKey };
    candidates.push({ rank: rankOf(key), key });
    if (candidates.length >= 2 * (sampleRows + spare) + 100) cut();
  };
  const compareOne = async (key: RowKey) => {
    throwIfStopped(run.signal);
    const { source, destination, format } = run.context;
    const [left, right] = await Promise.all([
      withRetry(run.reading, () => source.readRow(settings.table, key)),
      withRetry(run.writing, () => destination.readRow(settings.destinationTable, key)),
    ]);
    // Both sides had the row a moment ago: it changes while it is being looked at.
    if (!left || !right) return tally.note("inFlight", key);
    const differences = differencesOf(format, expectedRow(verifying, left), right, settings.mode);
    if (differences.length > 0 && !verifying.known?.isKnownConflict(key)) {
      await tally.note("different", key, differences);
    }
  };
  return {
    offer: ({ source, destination }) => {
      if (source && destination) offer(source);
    },
    offerKey: (key) => {
      spare = sampleRows;
      offer(key);
    },
    drop: (key) => {
      const rank = rankOf(key);
      candidates = candidates.filter((one) => one.rank !== rank);
    },
    compare: async () => {
      spare = 0;
      cut();
      const queue = [...candidates];
      const worker = async () => {
        for (let next = queue.pop(); next; next = queue.pop()) await compareOne(next.key);
      };
      await Promise.all(Array.from({ length: Math.min(run.settings.concurrency, queue.length) }, worker));
      return candidates.length;
    },
  };
}
