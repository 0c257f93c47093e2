import type { InFlightRows } from "./inFlight";
import { keyOf, type Pair } from "./merge";
import { differencesOf } from "./plan";
import { changedSince, type QuietSince } from "./quietSince";
import type { VerifyingTable } from "./verifyingTable";

/** Says what differs between both sides of one key. Synchronous where nothing is to be told: nearly every pair. */
export function comparePair(
  { run, settings, tally, known }: VerifyingTable,
  pair: Pair,
  quiet: QuietSince,
  inFlight: InFlightRows,
  keysOnly: boolean,
): Promise<void> | undefined {
  const { source, destination } = pair;
  const row = keyOf(pair);
  if (changedSince(source, quiet.source) || changedSince(destination, quiet.destination)) return inFlight.note(row);
  if (!source) return known?.isKnownConflict(row) ? undefined : tally.note("extra", row);
  if (!destination) return tally.note("missing", row);
  if (keysOnly) return undefined;
  const differences = differencesOf(run.context.format, source, destination, settings.mode);
  if (differences.length === 0 || known?.isKnownConflict(row)) return undefined;
  return tally.note("different", row, differences);
}
